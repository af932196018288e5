// caught by: core-sentinels-imports
import { readFileSync } from 'node:fs';

export const planted = (path: string): string => readFileSync(path, 'utf8');
