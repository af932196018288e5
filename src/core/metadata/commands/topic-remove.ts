/** Takes a topic out of the routes; what its brokers hold of it is not touched. */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { topicKey } from '../queries.ts';
import { clusterNameSchema, topicNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type TopicRemove = Extract<Command, { type: 'topic.remove' }>;

export const topicRemoveSchema = z.strictObject({
  type: z.literal('topic.remove'),
  cluster: clusterNameSchema,
  name: topicNameSchema,
}) satisfies z.ZodType<TopicRemove>;

export function topicRemove(store: MutableMetadata, { cluster, name }: TopicRemove): Result<null> {
  return store.topics.delete(topicKey(cluster, name))
    ? accepted(null)
    : refused('unknownTopic', `No topic ${topicKey(cluster, name)} is declared.`, { field: 'name' });
}
