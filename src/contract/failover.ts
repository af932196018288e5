/** Moves of a group's master that an operator asks for. */
import { z } from 'zod';
import { decimalSchema, epochSchema, knownNameSchema, nameSchema, noteSchema } from './scalars.ts';

export const failoverRequestSchema = z.strictObject({
  /** Replica that is to be the master; left out: the most synchronised one. */
  to: nameSchema.optional(),
  /** Accept the loss of acknowledged writes that cannot be proven to be held. */
  unsafe: z.boolean().default(false),
  /** Why; kept in the history. */
  reason: noteSchema.default(''),
});

export const switchoverRequestSchema = z.strictObject({
  to: nameSchema.optional(),
  /** Look only: answer what would happen and change nothing. */
  plan: z.boolean().default(false),
});

/** The move is committed and goes on by itself; `GET /v1/history/:id` follows it. */
export const moveStartedSchema = z.object({
  kind: z.literal('moveStarted'),
  recordId: z.string(),
  epoch: epochSchema,
});

export const movePlanSchema = z.object({
  kind: z.literal('movePlan'),
  from: knownNameSchema,
  to: knownNameSchema,
  lagBytes: decimalSchema,
  steps: z.array(z.string()),
});

export const switchoverAnswerSchema = z.discriminatedUnion('kind', [moveStartedSchema, movePlanSchema]);

export type MovePlan = z.infer<typeof movePlanSchema>;
