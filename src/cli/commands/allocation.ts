/** `pollux allocation`: which member would read which queues. Nothing is stored. */
import { Command } from 'commander';
import { z } from 'zod';
import type { AllocationAnswer } from '../../contract/allocation.ts';
import { must } from '../../core/primitives/assert.ts';
import { collect, readMember } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';

const optionsSchema = z.object({
  member: z.array(z.object({ member: z.string(), idc: z.string().nullable() })),
  consumerGroup: z.string().optional(),
});

export const allocation = (register: Register): Command =>
  register(
    new Command('allocation')
      .description('which members would read which queues of a topic, by IDC; changes nothing')
      .argument('<topic>')
      .requiredOption(
        '--member <member@idc>',
        'a member of the consumer group, repeatable',
        collect(readMember),
      )
      .option('--consumer-group <name>', 'consumer group that is meant'),
    async ({ client, cluster, paint, progress }, { positionals: [name], options }) => {
      const topic = must(name, 'commander requires the topic');
      const { member, consumerGroup } = optionsSchema.parse(options);
      const answer = await progress.during(
        `allocating the queues of ${topic}`,
        client.call('allocate', {
          parameters: { topic },
          query: { cluster },
          body: { members: member, ...(consumerGroup === undefined ? {} : { consumerGroup }) },
        }),
      );
      return answer.ok
        ? done(answer.value, allocationText(paint, answer.value))
        : failureOutcome(answer.failure);
    },
  );

type Queues = AllocationAnswer['unowned'];

/** `orders-a: 0-3 7`: runs of queue numbers, a group after the other. */
function queuesText(queues: Queues): string {
  const numbersOf = new Map<string, number[]>();
  for (const { group, queue } of queues) numbersOf.set(group, [...(numbersOf.get(group) ?? []), queue]);
  return [...numbersOf].map(([group, numbers]) => `${group}: ${runsText(numbers)}`).join('; ');
}

function runsText(numbers: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((left, right) => left - right)) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(' ');
}

function allocationText(paint: Paint, answer: AllocationAnswer): string {
  const rows = answer.assignments.map(({ member, idc, queues }) => [
    member,
    idc ?? '',
    String(queues.length),
    queuesText(queues),
  ]);
  const unowned =
    answer.unowned.length === 0 ? '' : `\n${paint.warning('nobody reads')} ${queuesText(answer.unowned)}`;
  return `${table(paint, ['MEMBER', 'IDC', 'COUNT', 'QUEUES'], rows)}${unowned}`;
}
