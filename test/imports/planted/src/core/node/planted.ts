// caught by: core-node-imports
import type { Thing } from '../../platform/thing.ts';
export type Planted = Thing;
