// caught by: core-metadata-imports
import { thing } from '../../core/liveness/value.ts';
export const planted = thing;
