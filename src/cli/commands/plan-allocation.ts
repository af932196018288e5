/**
 * `pollux plan allocation`: which queues the stock strategies of RocketMQ would give the consumers of a group by the routes
 * that they get here, and which queues nobody, or more than one, would read.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { type AllocationPlanAnswer, stockStrategySchema } from '../../contract/allocation-plan.ts';
import { topicNearRuleSchema } from '../../contract/broker-sets.ts';
import { must } from '../../core/primitives/assert.ts';
import { readConsumers } from '../consumer-list.ts';
import { EXIT } from '../exit-code.ts';
import { collect } from '../option-values.ts';
import { done, failureOutcome, type Outcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import { queuesText } from '../queue-runs.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { yesNo } from '../words.ts';

const NEARBY = 'MACHINE_ROOM_NEARBY';

/** As RocketMQ itself names its strategies; the nearby one without a word for the inner one has AVG. */
function readStrategy(text: string): z.infer<typeof stockStrategySchema> {
  const read = stockStrategySchema.safeParse(text === NEARBY ? `${NEARBY}-AVG` : text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`Known are ${stockStrategySchema.options.join(', ')}.`);
}

/** A brokerName may have an = of its own, an IDC has none. */
function readRoom(text: string): { readonly set: string; readonly idc: string } {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError(`'${text}' is not of the form BROKER-SET=IDC.`);
  return { set: text.slice(0, at), idc: text.slice(at + 1) };
}

const optionsSchema = z.object({
  consumers: z.array(z.object({ clientId: z.string(), idc: z.string().nullable(), zoneMode: z.boolean() })),
  strategy: stockStrategySchema,
  near: topicNearRuleSchema.optional(),
  zoneMode: z.boolean().default(false),
  room: z.array(z.object({ set: z.string(), idc: z.string() })).default([]),
  consumerIdc: z.array(z.string()).optional(),
});

export const planAllocation = (register: Register): Command =>
  register(
    new Command('allocation')
      .description('which queues of a RocketMQ topic each consumer would read, which nobody, and which two')
      .argument('<topic>')
      .requiredOption(
        '--consumers <list|file>',
        'CLIENT-ID@IDC, separated by commas or a line each; :zone behind it where it asks for its zone',
        readConsumers,
      )
      .option('--strategy <name>', 'allocation strategy of the consumers', readStrategy, 'AVG')
      .addOption(
        new Option(
          '--near <rule>',
          'rule of the topic that is thought of (default: the one in force)',
        ).choices(topicNearRuleSchema.options),
      )
      .option('--zone-mode', 'all consumers ask for their zone (rocketmq.zone.mode=true)')
      .option(
        '--room <set=idc>',
        `${NEARBY}: what the resolver says of a broker set, repeatable (default: where its master is)`,
        collect(readRoom),
      )
      .option(
        '--consumer-idc <idc>',
        'MACHINE_ROOM: an IDC whose queues the consumers read, repeatable (default: their own)',
        collect((text: string) => text),
      ),
    async ({ client, paint, progress }, { positionals: [name], options }) => {
      const topic = must(name, 'commander requires the topic');
      const { consumers, strategy, near, zoneMode, room, consumerIdc } = optionsSchema.parse(options);
      const answer = await progress.during(
        `planning the allocation of ${topic}`,
        client.call('allocationPlan', {
          body: {
            topic,
            consumers: consumers.map((one) => ({ ...one, zoneMode: zoneMode || one.zoneMode })),
            strategy,
            rooms: room,
            ...(near === undefined ? {} : { near }),
            ...(consumerIdc === undefined ? {} : { consumerIdcs: consumerIdc }),
          },
        }),
      );
      return answer.ok ? planOutcome(paint, answer.value) : failureOutcome(answer.failure);
    },
  );

function planOutcome(paint: Paint, plan: AllocationPlanAnswer): Outcome {
  const shown = planText(paint, plan);
  if (plan.sound)
    return done(plan, `${shown}\n${paint.good('every queue has one reader, whichever broker answers')}`);
  const text = 'pollux: not every queue has exactly one reader';
  return { exit: EXIT.refused, json: plan, text, shown };
}

type Queue = { readonly set: string; readonly queue: number };
const runs = (queues: readonly Queue[]): string =>
  queuesText(queues.map(({ set, queue }) => ({ holder: set, queue })));

function planText(paint: Paint, plan: AllocationPlanAnswer): string {
  const head = facts([
    ['topic', `${plan.topic}, ${plan.queues} queues to read`],
    ['strategy', plan.strategy],
    ['near', plan.near],
    ...(plan.stale ? [['current', paint.bad('no, this may be old')] as const] : []),
  ]);
  const rows = plan.consumers.flatMap(
    ({ clientId, idc, zoneMode, route, fellBack, refusal, allocations }) => {
      const listed = fellBack ? `${route.join(' ')} (fell back)` : route.join(' ');
      const who = [clientId, idc ?? '', yesNo(zoneMode), listed];
      if (refusal !== null) return [[...who, '', '0', refusal]];
      return allocations.map(({ asked, members, queues }) => [
        ...who,
        allocations.length === 1 ? `any: ${members}` : `${asked.join(' ')}: ${members}`,
        String(queues.length),
        runs(queues),
      ]);
    },
  );
  const headings = ['CONSUMER', 'IDC', 'ASKS ZONE', 'ROUTE', 'COLLEAGUES BY', 'COUNT', 'QUEUES'];
  return [
    `${head}\n`,
    section(paint, 'CONSUMERS', rows.length === 0 ? '' : table(paint, headings, rows)),
    section(paint, 'NOBODY READS', troubleText(paint, plan.orphans)),
    section(paint, 'READ TWICE', doubleText(paint, plan)),
  ].join('');
}

function troubleText(paint: Paint, queues: readonly (Queue & { readonly always: boolean })[]): string {
  const lines = [
    [true, paint.bad('always')],
    [false, paint.warning('by whichever brokers the consumers happen to ask')],
  ] as const;
  return lines
    .flatMap(([always, when]) => {
      const some = queues.filter((queue) => queue.always === always);
      return some.length === 0 ? [] : [`${runs(some)} (${when})`];
    })
    .join('\n');
}

/** Queues with the same readers, a line. */
function doubleText(paint: Paint, { doubleOwned }: AllocationPlanAnswer): string {
  const byOwners = new Map<string, (typeof doubleOwned)[number][]>();
  for (const queue of doubleOwned) {
    const owners = queue.owners.join(' and ');
    byOwners.set(owners, [...(byOwners.get(owners) ?? []), queue]);
  }
  return [...byOwners]
    .map(([owners, queues]) => `${owners}:\n${troubleText(paint, queues).replaceAll(/^/gm, '  ')}`)
    .join('\n');
}
