// caught by: console-imports
import type { Thing } from '../contract/thing.ts';
export type Planted = Thing;
