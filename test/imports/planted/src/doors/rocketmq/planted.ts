// caught by: doors-rocketmq-imports
import type { Redis } from 'ioredis';
export type Planted = Redis;
