// caught by: no-unlisted-rooms
import type { Thing } from '../core/primitives/thing.ts';
export type Planted = Thing;
