/** `pollux history list`. */
import { Command } from 'commander';
import { z } from 'zod';
import { moveText, paintedOutcome, startedText } from '../history-record.ts';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';

const optionsSchema = z.object({ group: z.string().optional(), limit: z.number() });

export const historyList = (register: Register): Command =>
  register(
    new Command('list')
      .description('moves of masters and suspicions, newest first')
      .option('--group <name>', 'only records of this group')
      .option('--limit <count>', 'how many', readCount(1), 20),
    async ({ client, cluster, paint, progress }, { options }) => {
      const { group, limit } = optionsSchema.parse(options);
      const answer = await progress.during(
        'asking for the history',
        client.call('historyList', {
          query: { cluster, limit: String(limit), ...(group === undefined ? {} : { group }) },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { records } = answer.value;
      if (records.length === 0) return done(answer.value, 'no master was ever moved or suspected here');
      const rows = records.map((record) => [
        record.id,
        startedText(record),
        `${record.cluster}/${record.group}`,
        record.reason,
        String(record.epoch),
        moveText(record),
        record.by,
        paintedOutcome(paint, record.outcome),
      ]);
      const headings = ['RECORD', 'STARTED', 'GROUP', 'REASON', 'EPOCH', 'MOVE', 'BY', 'OUTCOME'];
      return done(answer.value, table(paint, headings, rows));
    },
  );
