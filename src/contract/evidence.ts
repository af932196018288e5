/** What a node saw of a replica, and what a server says of itself. */
import { z } from 'zod';
import {
  countSchema,
  decimalSchema,
  epochSchema,
  millisecondsSchema,
  nameSchema,
  offsetSchema,
} from './scalars.ts';

/** An id that a server chose for itself (run id, replication id). */
const foreignIdSchema = z.string().min(1).max(127);

const followsSchema = z.strictObject({
  /** `host:port` that the slave follows, as it knows it. */
  address: z.string().min(1).max(300),
  linkUp: z.boolean(),
  syncing: z.boolean(),
  lastReceivedSecondsAgo: z.number().min(-1),
});

/** A server's own report; offsets of different lineages do not compare. */
export const serverReportSchema = z.strictObject({
  /** Id of this life of the process; another one after every restart. */
  incarnation: foreignIdSchema,
  role: z.enum(['master', 'slave']),
  /** It reads its data set in: not alive for its old role. */
  loading: z.boolean().default(false),
  lineage: foreignIdSchema,
  secondLineage: foreignIdSchema.nullable().default(null),
  secondOffset: decimalSchema.default('-1'),
  offset: offsetSchema,
  follows: followsSchema.nullable().default(null),
  connectedSlaves: countSchema.default(0),
  epoch: epochSchema.nullable().default(null),
});

export const probeOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), answerMs: millisecondsSchema, report: serverReportSchema }),
  z.object({ kind: z.literal('answeredError'), answerMs: millisecondsSchema, error: z.string() }),
  z.object({ kind: z.literal('disconnected'), error: z.string() }),
  z.object({ kind: z.literal('refused'), error: z.string() }),
  z.object({ kind: z.literal('silent'), waitedMs: millisecondsSchema }),
]);

export const evidenceSchema = z.object({
  /** The node that saw it. */
  vantage: nameSchema,
  standing: z.enum(['alive', 'suspect', 'unknown']),
  ageMs: millisecondsSchema,
  /** Smoothed answer time; null before the first answer. */
  answerMs: millisecondsSchema.nullable(),
  outcome: probeOutcomeSchema,
});

export type ServerReportInput = z.input<typeof serverReportSchema>;
export type ServerReportAnswer = z.output<typeof serverReportSchema>;
export type ProbeOutcomeAnswer = z.infer<typeof probeOutcomeSchema>;
export type EvidenceAnswer = z.infer<typeof evidenceSchema>;
