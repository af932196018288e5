/** Topics: which groups carry them, with how many queues each. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { knownNameSchema, labelsSchema, nameSchema, noteSchema, permissionSchema } from './scalars.ts';

const queueCountSchema = z.int().min(1).max(LIMITS.queuesPerTopic);

export const topicQueuesSchema = z.strictObject({
  group: nameSchema,
  readQueues: queueCountSchema,
  writeQueues: queueCountSchema,
});

export const topicDeclarationSchema = z.strictObject({
  name: nameSchema,
  queues: z.array(topicQueuesSchema).min(1).max(LIMITS.groupsPerTopic),
  permission: permissionSchema.default('readWrite'),
  order: z.boolean().default(false),
  /** `strict`: only brokers of the client's own IDC; `prefer`: the other IDC as fallback. */
  near: z.enum(['prefer', 'strict']).default('prefer'),
  attributes: labelsSchema.default({}),
  owner: noteSchema.default(''),
  labels: labelsSchema.default({}),
});

export const topicAnswerSchema = z.object({
  cluster: knownNameSchema,
  name: knownNameSchema,
  queues: z.array(z.object(topicQueuesSchema.shape)),
  permission: permissionSchema,
  order: z.boolean(),
  near: z.enum(['prefer', 'strict']),
  attributes: z.record(z.string(), z.string()),
  source: z.enum(['declared', 'reported']),
  owner: z.string(),
  labels: z.record(z.string(), z.string()),
});

export const topicListAnswerSchema = z.object({ topics: z.array(topicAnswerSchema) });

export type TopicDeclaration = z.input<typeof topicDeclarationSchema>;
export type TopicAnswer = z.infer<typeof topicAnswerSchema>;
