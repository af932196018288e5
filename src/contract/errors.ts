/** The one shape of every answer that is not a success. */
import { z } from 'zod';
import { REFUSAL_MEANINGS, type RefusalCode } from '../core/primitives/refusal.ts';

const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(REFUSAL_MEANINGS, text);

/** Every refusal code, sorted, with its meaning in REFUSAL_MEANINGS. */
export const REFUSAL_CODES: readonly RefusalCode[] = Object.keys(REFUSAL_MEANINGS)
  .filter(isRefusalCode)
  .sort();

export const refusalCodeSchema = z.enum(REFUSAL_CODES);

export const errorAnswerSchema = z.object({
  error: z.object({
    code: refusalCodeSchema,
    /** One sentence for people: what was expected, what was found, what to do next. */
    message: z.string(),
    /** Path of the offending input, such as `replicas.0.site`. */
    field: z.string().optional(),
    /** What would have been accepted. */
    expected: z.string().optional(),
  }),
});

export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
