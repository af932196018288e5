// caught by: remoting-imports
import type { Thing } from '../core/metadata/thing.ts';
export type Planted = Thing;
