/**
 * Heartbeat of a broker that registers itself, which it sends to every node. The answer is held open until there are
 * orders newer than `ordersSeen` or `holdMs` is over, at most a third of the group's detection time. An answer whose
 * `orders` equals `ordersSeen` says: carry on as you are. A broker that has just started acts as fenced until told
 * otherwise, and ignores orders of an epoch lower than its own.
 */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { serverReportSchema } from './evidence.ts';
import { addressSchema, epochSchema, knownNameSchema, millisecondsSchema, nameSchema } from './scalars.ts';

export const heartbeatRequestSchema = z.strictObject({
  group: nameSchema,
  replica: nameSchema,
  report: serverReportSchema,
  /** `orders` of the newest answer that the broker has carried out; null before the first. */
  ordersSeen: z.string().min(1).max(64).nullable().default(null),
  holdMs: z.int().min(0).max(LIMITS.heartbeatHoldMs).default(0),
});

export const heartbeatAnswerSchema = z.object({
  /** Opaque; sent back as `ordersSeen` once the broker acts accordingly. */
  orders: z.string(),
  /** `fenced`: acknowledge nothing and follow nobody. */
  role: z.enum(['master', 'slave', 'fenced']),
  epoch: epochSchema,
  follow: z.object({ replica: knownNameSchema, address: addressSchema }).nullable(),
  /** Replicas whose replication this master has to accept; empty for others. */
  accept: z.array(knownNameSchema),
  nextHeartbeatMs: millisecondsSchema,
});

export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;
