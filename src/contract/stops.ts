/** Stops of automatic action. Evidence is never stopped. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { brokerNameSchema } from './broker-names.ts';
import { knownNameSchema, nameSchema, noteSchema, wallMsSchema } from './scalars.ts';

/** A group, of Redis or RocketMQ, is meant within the cluster of the query. */
export const stopScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('idc'), site: nameSchema }),
  z.strictObject({ kind: z.literal('group'), group: brokerNameSchema }),
]);

export const stopRequestSchema = z.strictObject({
  scope: stopScopeSchema,
  reason: noteSchema.default(''),
  /** It ends by itself after this time; left out: only when it is lifted. */
  forMs: z.int().min(1).max(LIMITS.longestStopMs).optional(),
});
export const resumeRequestSchema = z.strictObject({ scope: stopScopeSchema });

export const shownScopeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('idc'), site: knownNameSchema }),
  z.object({ kind: z.literal('group'), cluster: knownNameSchema, group: knownNameSchema }),
]);

export const stopSchema = z.object({
  scope: shownScopeSchema,
  by: z.string(),
  reason: z.string(),
  sinceWallMs: wallMsSchema,
  /** Null: until it is lifted. */
  untilWallMs: wallMsSchema.nullable(),
});

export const stopListAnswerSchema = z.object({ stops: z.array(stopSchema) });

export type StopScopeRequest = z.input<typeof stopScopeSchema>;
export type StopAnswer = z.infer<typeof stopSchema>;
