/** `pollux broker-set election`: one election with evidence, candidates and what became of it at the brokers. */
import { Command } from 'commander';
import { must } from '../../core/primitives/assert.ts';
import { electionText } from '../broker-set-record.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

export const brokerSetElection = (register: Register): Command =>
  register(
    new Command('election')
      .description('one election of a RocketMQ broker set: evidence, candidates, steps with times')
      .argument('<record>'),
    async ({ client, paint, progress }, { positionals: [record] }) => {
      const id = must(record, 'commander requires the record');
      const answer = await progress.during(
        `asking for ${id}`,
        client.call('brokerSetHistoryGet', { parameters: { id } }),
      );
      return answer.ok
        ? done(answer.value, electionText(paint, answer.value))
        : failureOutcome(answer.failure);
    },
  );
