/** Small replicated configuration: text by name. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { countText, knownNameSchema, nameSchema } from './scalars.ts';

export const keyValueSchema = z.strictObject({
  key: nameSchema,
  value: z.string().max(LIMITS.keyValueCharacters),
});

export const keyValueQuerySchema = z.strictObject({
  /** Only keys that begin so. */
  prefix: nameSchema.optional(),
  limit: countText(1, LIMITS.keyValues).default(1_000),
});

export const keyValueAnswerSchema = z.object({ key: knownNameSchema, value: z.string() });
export const keyValueListAnswerSchema = z.object({ keyValues: z.array(keyValueAnswerSchema) });
