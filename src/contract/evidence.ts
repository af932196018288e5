/** What a node saw of a replica, and what a server says of itself. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import {
  countSchema,
  decimalSchema,
  epochSchema,
  knownNameSchema,
  millisecondsSchema,
  offsetSchema,
} from './scalars.ts';

/** An id that a server chose for itself (run id, replication id). */
const foreignIdSchema = z.string().min(1).max(LIMITS.opaqueCharacters);

const follows = {
  /** `host:port` that the slave follows, as it knows it. */
  address: z.string().min(1).max(300),
  linkUp: z.boolean(),
  syncing: z.boolean(),
  lastReceivedSecondsAgo: z.number().min(-1),
};

const report = {
  /** Id of this life of the process; another one after every restart. */
  incarnation: foreignIdSchema,
  role: z.enum(['master', 'slave']),
  /** It reads its data set in: not alive for its old role. */
  loading: z.boolean().default(false),
  lineage: foreignIdSchema,
  secondLineage: foreignIdSchema.nullable().default(null),
  secondOffset: decimalSchema.default('-1'),
  offset: offsetSchema,
  connectedSlaves: countSchema.default(0),
  epoch: epochSchema.nullable().default(null),
};

/** What a server says of itself; offsets of different lineages do not compare. */
export const serverReportSchema = z.strictObject({
  ...report,
  follows: z.strictObject(follows).nullable().default(null),
});

/** The same in an answer, which may gain fields. */
export const reportedSchema = z.object({ ...report, follows: z.object(follows).nullable() });

export const probeOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), answerMs: millisecondsSchema, report: reportedSchema }),
  z.object({ kind: z.literal('answeredError'), answerMs: millisecondsSchema, error: z.string() }),
  z.object({ kind: z.literal('disconnected'), error: z.string() }),
  z.object({ kind: z.literal('refused'), error: z.string() }),
  z.object({ kind: z.literal('silent'), waitedMs: millisecondsSchema }),
]);

export const evidenceSchema = z.object({
  /** The node that saw it. */
  vantage: knownNameSchema,
  standing: z.enum(['alive', 'suspect', 'unknown']),
  ageMs: millisecondsSchema,
  /** Smoothed answer time; null before the first answer. */
  answerMs: millisecondsSchema.nullable(),
  outcome: probeOutcomeSchema,
});

export type ServerReportAnswer = z.output<typeof reportedSchema>;
export type ProbeOutcomeAnswer = z.infer<typeof probeOutcomeSchema>;
export type EvidenceAnswer = z.infer<typeof evidenceSchema>;
