/**
 * Heartbeat of a broker that registers itself. The answer is held open until there is an order newer than `ordersSeen`
 * or `holdMs` is over; a broker heartbeats to every node and obeys the highest epoch.
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

export type HeartbeatRequest = z.input<typeof heartbeatRequestSchema>;
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;
