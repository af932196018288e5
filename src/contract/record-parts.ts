/** What records of groups and of broker sets have in common: what each node said, and what was done when. */
import { z } from 'zod';
import { knownNameSchema, wallMsSchema } from './scalars.ts';

/** What one node said of the suspected one. */
export const recordEvidenceSchema = z.object({
  node: knownNameSchema,
  site: knownNameSchema,
  verdict: z.enum(['dead', 'alive', 'abstain', 'neverReached']),
  detail: z.string(),
  wallMs: wallMsSchema,
});

export const recordStepSchema = z.object({ step: z.string(), wallMs: wallMsSchema, detail: z.string() });
