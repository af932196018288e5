// caught by: core-drills-imports
import type { Thing } from '../../core/coordinator/thing.ts';
export type Planted = Thing;
