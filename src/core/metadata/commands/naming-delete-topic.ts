/**
 * Takes a topic out of the routes, of one cluster or of all. A broker that still has it brings it back with its next
 * registration, as it would at a stock name server: its registration counts as changed until then.
 */
import { z } from 'zod';
import { must } from '../../primitives/assert.ts';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { rocketmqTopicSchema } from '../broker-set-schemas.ts';
import { topicAuthorOf } from '../registration-rules.ts';
import { markBrokersChanged } from '../registration-table.ts';
import { clusterNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { removePlace } from '../topic-places.ts';

type NamingDeleteTopic = Extract<BrokerSetCommand, { type: 'naming.deleteTopic' }>;

export const namingDeleteTopicSchema = z.strictObject({
  type: z.literal('naming.deleteTopic'),
  topic: rocketmqTopicSchema,
  cluster: clusterNameSchema.nullable(),
}) satisfies z.ZodType<NamingDeleteTopic>;

export function namingDeleteTopic(
  store: MutableMetadata,
  { topic, cluster }: NamingDeleteTopic,
): Result<null> {
  if (store.staticTopics.has(topic)) markBrokersChanged(store);
  for (const { name } of store.topicQueues.get(topic) ?? []) {
    const set = must(store.namedSets.get(name), `${topic} lies on ${name}, which is not registered`);
    if (cluster !== null && set.cluster !== cluster) continue;
    removePlace(store, topic, name);
    const author = store.registrations.get(topicAuthorOf(set) ?? '');
    if (author?.complete === true) store.registrations.set(author.address, { ...author, complete: false });
  }
  return accepted(null);
}
