/** Stops of automatic action. Evidence is never stopped. */
import { z } from 'zod';
import { knownNameSchema, nameSchema, noteSchema, wallMsSchema } from './scalars.ts';

/** A group is meant within the cluster of the query. */
export const stopScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('idc'), site: nameSchema }),
  z.strictObject({ kind: z.literal('group'), group: nameSchema }),
]);

export const stopRequestSchema = z.strictObject({ scope: stopScopeSchema, reason: noteSchema.default('') });
export const resumeRequestSchema = z.strictObject({ scope: stopScopeSchema });

export const stopSchema = z.object({
  scope: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('all') }),
    z.object({ kind: z.literal('idc'), site: knownNameSchema }),
    z.object({ kind: z.literal('group'), cluster: knownNameSchema, group: knownNameSchema }),
  ]),
  by: z.string(),
  reason: z.string(),
  sinceWallMs: wallMsSchema,
});

export const stopListAnswerSchema = z.object({ stops: z.array(stopSchema) });

export type StopScopeRequest = z.input<typeof stopScopeSchema>;
export type StopAnswer = z.infer<typeof stopSchema>;
