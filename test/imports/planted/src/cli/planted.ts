// caught by: cli-imports
import type { Thing } from '../sdk/producer.ts';
export type Planted = Thing;
