// caught by: core-liveness-imports
import { readFileSync } from 'node:fs';
export const planted = readFileSync;
