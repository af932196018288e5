// caught by: core-failover-imports
import type { ZodType } from 'zod';
export type Planted = ZodType;
