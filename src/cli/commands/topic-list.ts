/** `pollux topic list`. */
import { Command } from 'commander';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';
import { yesNo } from '../words.ts';

export const topicList = (register: Register): Command =>
  register(
    new Command('list').description('the topics of the cluster'),
    async ({ client, cluster, paint, progress }) => {
      const answer = await progress.during(
        'asking for the topics',
        client.call('topicList', { query: { cluster } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { topics } = answer.value;
      if (topics.length === 0) {
        return done(answer.value, `no topics in the cluster '${cluster}'; 'pollux topic add' declares one`);
      }
      const rows = topics.map(({ name, queues, permission, order, near, source, owner }) => [
        `${cluster}/${name}`,
        queues.map(({ group, readQueues }) => `${group}=${readQueues}`).join(' '),
        permission,
        yesNo(order),
        near,
        source,
        owner,
      ]);
      const headings = ['TOPIC', 'QUEUES', 'PERMISSION', 'ORDERED', 'NEAR', 'SOURCE', 'OWNER'];
      return done(answer.value, table(paint, headings, rows));
    },
  );
