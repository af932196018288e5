/** A topic and a consumer group as they are declared. */
import type { ConsumerGroupAnswer } from '../../../contract/consumer-groups.ts';
import type { TopicAnswer } from '../../../contract/topics.ts';
import type { ConsumerGroup, Topic } from '../../../core/metadata/state.ts';
import { keyParts } from './key-parts.ts';

export const topicView = (topic: Topic): TopicAnswer => ({
  ...topic,
  queues: topic.queues.map(({ group, readQueues, writeQueues }) => ({
    group: keyParts(group).group,
    readQueues,
    writeQueues,
  })),
});

export const consumerGroupView = (group: ConsumerGroup): ConsumerGroupAnswer => ({ ...group });
