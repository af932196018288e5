/** Kept records: moves of a group's master, and suspicions that moved nothing, with what was behind each. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { recordEvidenceSchema, recordStepSchema } from './record-parts.ts';
import {
  clusterQuerySchema,
  countText,
  decimalSchema,
  epochSchema,
  knownNameSchema,
  nameSchema,
} from './scalars.ts';
import { keptTailSchema } from './tails.ts';

export const historyQuerySchema = clusterQuerySchema.extend({
  /** Only records of this group. */
  group: nameSchema.optional(),
  limit: countText(1, LIMITS.historyRecords).default(20),
});

export const historyRecordSchema = z.object({
  id: z.string(),
  cluster: knownNameSchema,
  group: knownNameSchema,
  reason: z.enum([
    'adoption',
    'masterLost',
    'masterRestarted',
    'switchover',
    'operatorFailover',
    'promotionFailed',
    'observed',
  ]),
  epoch: epochSchema,
  from: knownNameSchema.nullable(),
  to: knownNameSchema.nullable(),
  by: z.string(),
  /**
   * Of a move: running, completed, superseded by another one, or reinstated (the old master goes on). Of a suspicion
   * that moved nothing: refuted, held by what slaves receive, undecided, or dead but unprovable, stopped by an operator,
   * in its cool-down, or only watched (wouldHave); carriedOut where a move followed, in a record of its own.
   */
  outcome: z.enum([
    'running',
    'completed',
    'superseded',
    'reinstated',
    'refuted',
    'held',
    'undecided',
    'unprovable',
    'automaticStopped',
    'coolingDown',
    'wouldHave',
    'carriedOut',
  ]),
  /** Acknowledged bytes; null where nobody can say. Measured: at most, by the old master's tail when it came back. */
  loss: z.object({ predictedBytes: decimalSchema.nullable(), measuredBytes: decimalSchema.nullable() }),
  /** What was kept of the old master's stream beyond the cut; null where nothing was. */
  tail: keptTailSchema.nullable(),
  evidence: z.array(recordEvidenceSchema),
  steps: z.array(recordStepSchema),
  candidates: z.array(
    z.object({
      replica: knownNameSchema,
      site: knownNameSchema,
      /** Null where it was not read. */
      offset: decimalSchema.nullable(),
      epoch: epochSchema,
      chosen: z.boolean(),
      detail: z.string(),
    }),
  ),
});

/** Newest first. */
export const historyListAnswerSchema = z.object({ records: z.array(historyRecordSchema) });

export type HistoryRecordAnswer = z.infer<typeof historyRecordSchema>;
