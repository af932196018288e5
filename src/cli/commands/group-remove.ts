/** `pollux group remove`: gives a group back; its servers go on as they are. */
import { Command } from 'commander';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

export const groupRemove = (register: Register): Command =>
  register(
    new Command('remove')
      .description('stop watching and steering a group; refused while topics use it')
      .argument('<group>'),
    async ({ client, cluster, progress }, { positionals: [name] }) => {
      const group = must(name, 'commander requires the group');
      const answer = await progress.during(
        `removing ${group}`,
        client.call('groupRemove', { parameters: { group }, query: { cluster } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(answer.value, `group ${cluster}/${group} is removed; nobody watches its servers any more`);
    },
  );
