/** `pollux topic remove`: the declaration goes, the data on the brokers stays. */
import { Command } from 'commander';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

export const topicRemove = (register: Register): Command =>
  register(
    new Command('remove').description('remove a topic; its data on the brokers stays').argument('<topic>'),
    async ({ client, cluster, progress }, { positionals: [name] }) => {
      const topic = must(name, 'commander requires the topic');
      const answer = await progress.during(
        `removing ${topic}`,
        client.call('topicRemove', { parameters: { topic }, query: { cluster } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(answer.value, `topic ${cluster}/${topic} is removed; its data on the brokers stays`);
    },
  );
