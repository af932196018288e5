/** What needs an operator. */
import { z } from 'zod';
import { knownNameSchema, wallMsSchema } from './scalars.ts';

export const alertSchema = z.object({
  cluster: knownNameSchema,
  group: knownNameSchema,
  code: z.enum([
    'unprovable',
    'held',
    'shortage',
    'degraded',
    'brokerRefused',
    'automaticStopped',
    'deviation',
    'coolingDown',
    'wouldHave',
  ]),
  /** What is the matter, what is missing, and the exact command that helps. */
  message: z.string(),
  sinceWallMs: wallMsSchema,
});

export type AlertAnswer = z.infer<typeof alertSchema>;
