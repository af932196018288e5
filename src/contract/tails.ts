/** What is kept of the streams of old masters: which node has which file, and what is in it. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import {
  clusterQuerySchema,
  countSchema,
  countText,
  decimalSchema,
  epochSchema,
  knownNameSchema,
} from './scalars.ts';

export const keptTailSchema = z.object({
  replica: knownNameSchema,
  node: knownNameSchema,
  file: z.string(),
  sha256: z.string(),
  lineage: z.string(),
  /** Where the reign that cut it off began, and where it ended itself. */
  cut: decimalSchema,
  offset: decimalSchema,
  bytes: countSchema,
  complete: z.boolean(),
  writes: countSchema,
  /** Deletions of one key: a client's, or the master's own of what had expired. */
  perhapsExpiries: countSchema,
  others: countSchema,
});

export const tailQuerySchema = clusterQuerySchema.extend({
  /** The reign that cut it off; the newest that is kept where it is left out. */
  epoch: countText(1, 999_999_999).optional(),
  limit: countText(1, LIMITS.tailCommandsShown).default(100),
});

export const tailAnswerSchema = z.object({
  /** All that the history knows of, newest first. */
  tails: z.array(keptTailSchema.extend({ epoch: epochSchema, recordId: z.string() })),
  shown: z
    .object({
      epoch: epochSchema,
      /** Whether this node has the file; where it has not, ask the one that has. */
      here: z.boolean(),
      /** This is the node that kept it, and it has the file no more. */
      gone: z.boolean(),
      keeperUrl: z.string().nullable(),
      commands: z.array(z.array(z.string())),
      commandsLeft: countSchema,
    })
    .nullable(),
});

export type TailAnswer = z.infer<typeof tailAnswerSchema>;
