// caught by: drivers-redis-imports
import type { Thing } from '../../platform/thing.ts';
export type Planted = Thing;
