/** Kept records of moves of a group's master, with the evidence and the choice behind each. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import {
  clusterQuerySchema,
  countText,
  decimalSchema,
  epochSchema,
  knownNameSchema,
  nameSchema,
  wallMsSchema,
} from './scalars.ts';

export const historyQuerySchema = clusterQuerySchema.extend({
  /** Only moves of this group. */
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
  ]),
  epoch: epochSchema,
  from: knownNameSchema.nullable(),
  to: knownNameSchema.nullable(),
  by: z.string(),
  outcome: z.enum(['running', 'completed', 'superseded', 'reinstated']),
  evidence: z.array(
    z.object({
      node: knownNameSchema,
      site: knownNameSchema,
      verdict: z.enum(['dead', 'alive', 'abstain', 'neverReached']),
      detail: z.string(),
      wallMs: wallMsSchema,
    }),
  ),
  steps: z.array(z.object({ step: z.string(), wallMs: wallMsSchema, detail: z.string() })),
  candidates: z.array(
    z.object({
      replica: knownNameSchema,
      site: knownNameSchema,
      offset: decimalSchema,
      epoch: epochSchema,
      chosen: z.boolean(),
      detail: z.string(),
    }),
  ),
});

/** Newest first. */
export const historyListAnswerSchema = z.object({ records: z.array(historyRecordSchema) });

export type HistoryRecordAnswer = z.infer<typeof historyRecordSchema>;
