/** `pollux acknowledge`: an operator has looked at a group's last automatic failover, and its cool-down is over. */
import { Command } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({ note: z.string().default('') });

export const acknowledge = (register: Register): Command =>
  register(
    new Command('acknowledge')
      .description('end the cool-down of a group after an automatic failover')
      .argument('<group>')
      .option('--note <text>', 'what was found; kept in the history'),
    async ({ client, cluster, progress }, { positionals: [name], options }) => {
      const group = must(name, 'commander requires the group');
      const { note } = optionsSchema.parse(options);
      const answer = await progress.during(
        `acknowledging the last failover of ${group}`,
        client.call('groupAcknowledge', { parameters: { group }, query: { cluster }, body: { note } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return done(answer.value, `group ${cluster}/${group} has no cool-down any more`);
    },
  );
