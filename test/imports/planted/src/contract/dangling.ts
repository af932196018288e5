// caught by: nothing-unresolvable
import type { Absent } from './absent.ts';
export type Planted = Absent;
