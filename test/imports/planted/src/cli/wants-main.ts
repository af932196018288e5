// caught by: main-is-imported-by-none
import type { Thing } from '../main/thing.ts';
export type Planted = Thing;
