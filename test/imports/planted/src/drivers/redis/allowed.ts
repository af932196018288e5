import type { Redis } from 'ioredis';
import type { ReadStream } from 'node:fs';
import type { Thing } from '../../core/failover/thing.ts';
export type Allowed = Thing | Redis | ReadStream;
