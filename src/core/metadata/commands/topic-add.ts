/** Declares a topic, or takes over one that a broker reports. Its groups are of its own cluster. */
import { z } from 'zod';
import type { GroupKey } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { topicKey } from '../queries.ts';
import { topicSchema } from '../schemas.ts';
import type { Topic } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { checkLabels } from './labels.ts';

type TopicAdd = Extract<Command, { type: 'topic.add' }>;

export const topicAddSchema = z.strictObject({
  type: z.literal('topic.add'),
  topic: topicSchema,
}) satisfies z.ZodType<TopicAdd>;

function checkQueues(store: MutableMetadata, topic: Topic): Result<null> {
  if (topic.queues.length > LIMITS.groupsPerTopic) {
    return refused('limitReached', `A topic is spread over at most ${LIMITS.groupsPerTopic} groups.`, {
      field: 'topic.queues',
    });
  }
  const seen = new Set<GroupKey>();
  let readQueues = 0;
  let writeQueues = 0;
  for (const [position, queues] of topic.queues.entries()) {
    const field = `topic.queues.${position}.group`;
    const group = store.groups.get(queues.group);
    if (group === undefined || group.cluster !== topic.cluster) {
      return refused('unknownGroup', `Cluster ${topic.cluster} has no broker group ${queues.group}.`, {
        field,
      });
    }
    if (seen.has(group.key)) return refused('duplicateName', `${group.key} is named twice.`, { field });
    seen.add(group.key);
    readQueues += queues.readQueues;
    writeQueues += queues.writeQueues;
  }
  return Math.max(readQueues, writeQueues) <= LIMITS.queuesPerTopic
    ? accepted(null)
    : refused('limitReached', `A topic has at most ${LIMITS.queuesPerTopic} queues over all its groups.`, {
        field: 'topic.queues',
        expected: `1 to ${LIMITS.queuesPerTopic}`,
      });
}

export function topicAdd(store: MutableMetadata, { topic }: TopicAdd): Result<null> {
  const key = topicKey(topic.cluster, topic.name);
  if (store.topics.has(key)) {
    return refused('duplicateName', `Topic ${key} exists already.`, { field: 'topic.name' });
  }
  if (store.topics.size >= LIMITS.topics) {
    return refused('limitReached', `The tier holds ${LIMITS.topics} topics already.`);
  }
  const queues = checkQueues(store, topic);
  if (!queues.ok) return queues;
  const attributes = checkLabels(topic.attributes, 'topic.attributes');
  if (!attributes.ok) return attributes;
  const labels = checkLabels(topic.labels, 'topic.labels');
  if (!labels.ok) return labels;
  store.topics.set(key, topic);
  return accepted(null);
}
