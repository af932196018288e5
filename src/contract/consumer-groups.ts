/** Consumer groups, declared with an owner. */
import { z } from 'zod';
import { knownNameSchema, labelsSchema, nameSchema, noteSchema } from './scalars.ts';

export const consumerGroupDeclarationSchema = z.strictObject({
  name: nameSchema,
  owner: noteSchema.default(''),
  labels: labelsSchema.default({}),
});

export const consumerGroupAnswerSchema = z.object({
  cluster: knownNameSchema,
  name: knownNameSchema,
  owner: z.string(),
  labels: z.record(z.string(), z.string()),
  allocationPolicy: z.literal('byIdc'),
  paused: z.boolean(),
});

export const consumerGroupListAnswerSchema = z.object({ consumerGroups: z.array(consumerGroupAnswerSchema) });

export type ConsumerGroupAnswer = z.infer<typeof consumerGroupAnswerSchema>;
