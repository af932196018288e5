/** `pollux group take`: takes over a group that was only watched; with `--plan` only says what that would mean. */
import { Command } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { readCount } from '../option-values.ts';
import { failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { addedOutcome } from './group-add.ts';

const optionsSchema = z.object({
  preferredMaster: z.string().optional(),
  plan: z.boolean().default(false),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

export const groupTake = (register: Register): Command =>
  register(
    new Command('take')
      .description('take over a group that was only watched; --plan first')
      .argument('<group>')
      .option('--preferred-master <id>', 'first master (default: the one that is seen to reign)')
      .option('--plan', 'only say what would change on each server and what the layout survives')
      .option('--no-wait', 'do not wait until the group is active')
      .option('--wait-seconds <seconds>', 'how long to wait for it', readCount(1), 60),
    async (invocation, line) => {
      const { client, cluster, progress } = invocation;
      const name = must(line.positionals[0], 'commander requires the group');
      const { preferredMaster = null, plan, ...waiting } = optionsSchema.parse(line.options);
      const parameters = { group: name };
      const shown = await client.call('groupGet', { parameters, query: { cluster } });
      if (!shown.ok) return failureOutcome(shown.failure);
      const answer = await progress.during(
        'looking at the servers',
        client.call('groupTake', { parameters, query: { cluster }, body: { preferredMaster, plan } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return addedOutcome(invocation, { name, ...waiting }, shown.value, answer.value);
    },
  );
