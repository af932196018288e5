/** `pollux history show`. */
import { Command } from 'commander';
import { must } from '../../core/primitives/assert.ts';
import { recordText } from '../history-record.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

export const historyShow = (register: Register): Command =>
  register(
    new Command('show').description('one move: evidence, steps with times, candidates').argument('<record>'),
    async ({ client, paint, progress }, { positionals: [record] }) => {
      const id = must(record, 'commander requires the record');
      const answer = await progress.during(
        `asking for ${id}`,
        client.call('historyGet', { parameters: { id } }),
      );
      return answer.ok ? done(answer.value, recordText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );
