/** `pollux history changes`: what operators changed, and when. */
import { Command } from 'commander';
import { z } from 'zod';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';
import { scopeText, timeText } from '../words.ts';

const optionsSchema = z.object({ limit: z.number() });

export const historyChanges = (register: Register): Command =>
  register(
    new Command('changes')
      .description('stops of automatic action, changed settings and acknowledgements, newest first')
      .option('--limit <count>', 'how many', readCount(1), 20),
    async ({ client, paint, progress }, { options }) => {
      const { limit } = optionsSchema.parse(options);
      const answer = await progress.during(
        'asking for the changes',
        client.call('changeList', { query: { limit: String(limit) } }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      const { changes } = answer.value;
      if (changes.length === 0) return done(answer.value, 'nothing was changed yet');
      const rows = changes.map(({ wallMs, change, scope, by, detail }) => [
        timeText(wallMs),
        change,
        scopeText(scope),
        by,
        detail,
      ]);
      return done(answer.value, table(paint, ['AT', 'CHANGE', 'WHERE', 'BY', 'DETAIL'], rows));
    },
  );
