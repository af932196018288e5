// caught by: core-coordinator-imports
import type { Thing } from '../../core/raft/thing.ts';
export type Planted = Thing;
