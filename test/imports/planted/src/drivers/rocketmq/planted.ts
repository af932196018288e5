// caught by: drivers-rocketmq-imports
import type { Thing } from '../../core/raft/thing.ts';
export type Planted = Thing;
