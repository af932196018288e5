/** `pollux topic show`. */
import { Command } from 'commander';
import type { TopicAnswer } from '../../contract/topics.ts';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { yesNo } from '../words.ts';

export const topicShow = (register: Register): Command =>
  register(
    new Command('show').description('one topic as it is declared').argument('<topic>'),
    async ({ client, cluster, paint, progress }, { positionals: [name] }) => {
      const topic = must(name, 'commander requires the topic');
      const answer = await progress.during(
        `asking for ${topic}`,
        client.call('topicGet', { parameters: { topic }, query: { cluster } }),
      );
      return answer.ok ? done(answer.value, topicText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );

const pairs = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ') || '-';

function topicText(paint: Paint, topic: TopicAnswer): string {
  const head = facts([
    ['topic', `${topic.cluster}/${topic.name}`],
    ['permission', topic.permission],
    ['ordered', yesNo(topic.order)],
    ['near', topic.near],
    ['source', topic.source],
    ['owner', topic.owner === '' ? '-' : topic.owner],
    ['labels', pairs(topic.labels)],
    ['attributes', pairs(topic.attributes)],
  ]);
  const queues = table(
    paint,
    ['GROUP', 'READ', 'WRITE'],
    topic.queues.map(({ group, readQueues, writeQueues }) => [
      group,
      String(readQueues),
      String(writeQueues),
    ]),
  );
  return `${head}\n${section(paint, 'QUEUES', queues)}`;
}
