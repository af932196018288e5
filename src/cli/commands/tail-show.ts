/** `pollux tail show`: what an old master wrote beyond the cut, from the node that keeps it. */
import { Command } from 'commander';
import { z } from 'zod';

import type { TailAnswer } from '../../contract/tails.ts';
import { must } from '../../core/primitives/assert.ts';
import { DEFAULT_CLUSTER } from '../../core/primitives/command-line.ts';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Paint } from '../paint.ts';
import type { Register } from '../register.ts';
import { section, table } from '../table.ts';
import { yesNo } from '../words.ts';

const optionsSchema = z.object({ epoch: z.number().optional(), limit: z.number() });

export const tailShow = (register: Register): Command =>
  register(
    new Command('show')
      .description('what an old master wrote beyond the cut, as far as it was kept')
      .argument('<group>')
      .option('--epoch <epoch>', 'the reign that cut it off (default: the newest that is kept)', readCount(1))
      .option('--limit <count>', 'commands to print', readCount(1), 100),
    async ({ client, cluster, paint, progress }, { positionals: [name], options }) => {
      const group = must(name, 'commander requires the group');
      const { epoch, limit } = optionsSchema.parse(options);
      const query = {
        cluster,
        limit: String(limit),
        ...(epoch === undefined ? {} : { epoch: String(epoch) }),
      };
      const answer = await progress.during(
        `asking for ${group}`,
        client.call('tailGet', { parameters: { group }, query }),
      );
      return answer.ok
        ? done(answer.value, tailText(paint, { group, cluster }, answer.value))
        : failureOutcome(answer.failure);
    },
  );

type Asked = { readonly group: string; readonly cluster: string };

function tailText(paint: Paint, asked: Asked, { tails, shown }: TailAnswer): string {
  if (shown === null) return `no tail of an old master of ${asked.group} is kept`;
  const rows = table(
    paint,
    ['EPOCH', 'REPLICA', 'NODE', 'FILE', 'BYTES', 'WRITES', 'DEL (EXPIRY?)', 'OTHER', 'COMPLETE'],
    tails.map((tail) => [
      String(tail.epoch),
      tail.replica,
      tail.node,
      tail.file,
      String(tail.bytes),
      String(tail.writes),
      String(tail.perhapsExpiries),
      String(tail.others),
      yesNo(tail.complete),
    ]),
  );
  return `${rows}\n${commandText(paint, asked, tails, shown)}`;
}

function commandText(
  paint: Paint,
  { group, cluster }: Asked,
  tails: TailAnswer['tails'],
  shown: NonNullable<TailAnswer['shown']>,
): string {
  if (!shown.here) {
    const keeper = tails.find(({ epoch }) => epoch === shown.epoch)?.node ?? 'another node';
    if (shown.gone)
      return `${keeper} kept the file and has it no more: newer tails take the place of older ones`;
    const where = cluster === DEFAULT_CLUSTER ? '' : ` --cluster ${cluster}`;
    return `the file is on ${keeper}; ask there: pollux tail show ${group}${where} --epoch ${shown.epoch} --node ${shown.keeperUrl ?? 'URL'}`;
  }
  const lines = shown.commands.map((command) => command.map((word) => JSON.stringify(word)).join(' '));
  if (shown.commandsLeft > 0)
    lines.push(`... and ${shown.commandsLeft} more; --limit prints more, and the file has them all`);
  return section(paint, `COMMANDS BEYOND THE CUT, before epoch ${shown.epoch}`, lines.join('\n'));
}
