// caught by: core-primitives-imports
import type { Thing } from '../../core/metadata/thing.ts';
export type Planted = Thing;
