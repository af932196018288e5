// caught by: doors-http-imports
import type { Thing } from '../../doors/sentinel/thing.ts';
export type Planted = Thing;
