// caught by: core-governance-imports
import type { Thing } from '../../core/failover/thing.ts';
export type Planted = Thing;
