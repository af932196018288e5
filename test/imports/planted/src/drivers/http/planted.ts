// caught by: drivers-http-imports
import type { Thing } from '../../doors/http/thing.ts';
export type Planted = Thing;
