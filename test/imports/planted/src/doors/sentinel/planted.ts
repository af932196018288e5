// caught by: doors-sentinel-imports
import type { Thing } from '../../drivers/redis/thing.ts';
export type Planted = Thing;
