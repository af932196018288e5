// caught by: core-routing-imports
import type { Thing } from '../../core/failover/thing.ts';
export type Planted = Thing;
