/** `pollux broker-set elect`: as `mqadmin electMaster`, with the operator's token and a record that says who. */
import { Command } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({ to: z.number(), unsafe: z.boolean().default(false) });

export const brokerSetElect = (register: Register): Command =>
  register(
    new Command('elect')
      .description('make a broker the master of its RocketMQ broker set')
      .argument('<name>')
      .requiredOption('--to <id>', 'id of the broker; it has to be in the sync state set', readCount(1))
      .option('--unsafe', 'accept the loss of messages that only members of the sync state set hold'),
    async ({ client, progress }, { positionals: [name], options }) => {
      const brokerSet = must(name, 'commander requires the name');
      const body = optionsSchema.parse(options);
      const answer = await progress.during(
        `electing broker ${body.to} of ${brokerSet}`,
        client.call('brokerSetElect', { parameters: { brokerSet }, body }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { changed, master, masterEpoch } = answer.value;
      const verb = changed ? 'is' : 'was already';
      return done(answer.value, `broker ${master} ${verb} the master of ${brokerSet}, epoch ${masterEpoch}`);
    },
  );
