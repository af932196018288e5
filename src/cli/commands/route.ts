/** `pollux route`: where a client of an IDC writes and reads a topic. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { consistencySchema, type RouteAnswer } from '../../contract/routes.ts';
import { must } from '../../core/primitives/assert.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { facts, section, table } from '../table.ts';
import { yesNo } from '../words.ts';

const optionsSchema = z.object({ idc: z.string().optional(), consistency: consistencySchema });

export const route = (register: Register): Command =>
  register(
    new Command('route')
      .description('where to write and read a topic, nearest brokers first')
      .argument('<topic>')
      .option('--idc <idc>', 'as seen from this IDC (default: the one of this machine, by its address)')
      .addOption(
        new Option('--consistency <kind>', 'linearizable: at least as new as the moment of asking')
          .choices(consistencySchema.options)
          .default('local'),
      ),
    async ({ client, cluster, paint, progress }, { positionals: [name], options }) => {
      const topic = must(name, 'commander requires the topic');
      const { idc, consistency } = optionsSchema.parse(options);
      const answer = await progress.during(
        `asking for the route of ${topic}`,
        client.call('route', {
          parameters: { topic },
          query: { cluster, consistency, ...(idc === undefined ? {} : { idc }) },
        }),
      );
      return answer.ok ? done(answer.value, routeText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );

function routeText(paint: Paint, route: RouteAnswer): string {
  const head = facts([
    ['topic', `${route.cluster}/${route.topic}`],
    ['revision', `${route.revision.incarnation}:${route.revision.index}`],
    ['current', route.stale ? paint.bad('no, this may be old') : 'yes'],
    ['permission', route.permission],
    ['ordered', yesNo(route.order)],
    ['near', route.near],
  ]);
  const groups = table(
    paint,
    ['GROUP', 'IDC', 'NEAR', 'WRITABLE', 'READ', 'WRITE', 'EPOCH', 'MASTER', 'SLAVES', 'WRITE AS', 'WAIT'],
    route.groups.map(
      ({ group, idc, near, writable, readQueues, writeQueues, epoch, master, slaves, write }) => [
        group,
        idc ?? '',
        yesNo(near),
        writable ? paint.good('yes') : paint.bad('no'),
        String(readQueues),
        String(writeQueues),
        String(epoch),
        master === null ? paint.bad('none') : `${master.address} (${master.idc})`,
        slaves
          .map((slave) => `${slave.address} (${slave.idc}${slave.readable ? '' : ', not readable'})`)
          .join(' '),
        write === null ? '' : write.user,
        write === null ? '' : `${write.waitCount}${write.degraded ? ' (degraded)' : ''}`,
      ],
    ),
  );
  return `${head}\n${section(paint, 'BROKER GROUPS, nearest first', groups)}`;
}
