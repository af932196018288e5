/**
 * One topic of registered sets, by a broker that registers its topics one by one. All of the sets are known, or nothing is
 * stored.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { rocketmqTopicSchema, setQueuesSchema } from '../broker-set-schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkTopics, putTopics } from '../topic-places.ts';
import { requireRegistered } from './registered-sets.ts';

type NamingPutTopic = Extract<BrokerSetCommand, { type: 'naming.putTopic' }>;

export const namingPutTopicSchema = z.strictObject({
  type: z.literal('naming.putTopic'),
  topic: rocketmqTopicSchema,
  queues: z.array(setQueuesSchema).min(1).max(LIMITS.groupsPerTopic),
}) satisfies z.ZodType<NamingPutTopic>;

export function namingPutTopic(store: MutableMetadata, { topic, queues }: NamingPutTopic): Result<null> {
  const names = new Set(queues.map(({ name }) => name));
  if (names.size < queues.length)
    return refused('invalidRequest', `A broker set is named twice for ${topic}.`, { field: 'queues' });
  for (const { name, ...kind } of queues) {
    const set = requireRegistered(store, name);
    if (!set.ok) return set;
    const checked = checkTopics(store, name, [{ ...kind, topics: [topic] }], []);
    if (!checked.ok) return checked;
  }
  for (const { name, ...kind } of queues) putTopics(store, name, [{ ...kind, topics: [topic] }]);
  return accepted(null);
}
