/** `pollux allocation`: which member would read which queues. Nothing is stored. */
import { Command } from 'commander';
import { z } from 'zod';
import type { AllocationAnswer } from '../../contract/allocation.ts';
import { must } from '../../core/primitives/assert.ts';
import { collect, readMember } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import { queuesText } from '../queue-runs.ts';
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

const runs = (queues: Queues): string =>
  queuesText(queues.map(({ group, queue }) => ({ holder: group, queue })));

function allocationText(paint: Paint, answer: AllocationAnswer): string {
  const rows = answer.assignments.map(({ member, idc, queues }) => [
    member,
    idc ?? '',
    String(queues.length),
    runs(queues),
  ]);
  const unowned =
    answer.unowned.length === 0 ? '' : `\n${paint.warning('nobody reads')} ${runs(answer.unowned)}`;
  return `${table(paint, ['MEMBER', 'IDC', 'COUNT', 'QUEUES'], rows)}${unowned}`;
}
