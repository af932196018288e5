/** `pollux broker-set history`: elections of RocketMQ broker sets, and masters lost without a successor. */
import { Command } from 'commander';
import { z } from 'zod';
import { electionTable } from '../broker-set-record.ts';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({ limit: z.number() });

export const brokerSetHistory = (register: Register): Command =>
  register(
    new Command('history')
      .description('elections of RocketMQ broker sets, newest first')
      .argument('[name]', 'only those of this broker set')
      .option('--limit <count>', 'how many', readCount(1), 20),
    async ({ client, paint, progress }, { positionals: [name], options }) => {
      const { limit } = optionsSchema.parse(options);
      const answer = await progress.during(
        'asking for the history',
        client.call('brokerSetHistory', {
          query: { limit: String(limit), ...(name === undefined ? {} : { brokerSet: name }) },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { records } = answer.value;
      if (records.length === 0) return done(answer.value, 'no master was ever elected here');
      const hint = "'pollux broker-set election RECORD' shows who saw what, and who else could be chosen";
      return done(answer.value, `${electionTable(paint, records)}\n${hint}`);
    },
  );
