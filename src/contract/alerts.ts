/** What needs an operator. */
import { z } from 'zod';
import { ALERT_CODES } from '../core/primitives/alert-code.ts';
import { knownNameSchema, wallMsSchema } from './scalars.ts';

export const alertSchema = z.object({
  cluster: knownNameSchema,
  group: knownNameSchema,
  code: z.enum(ALERT_CODES),
  /** What is the matter, what is missing, and the exact command that helps. */
  message: z.string(),
  sinceWallMs: wallMsSchema,
});

export type AlertAnswer = z.infer<typeof alertSchema>;
