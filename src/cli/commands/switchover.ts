/** `pollux switchover`: moves a master as planned, without loss. */
import { Command } from 'commander';
import { z } from 'zod';
import type { MovePlan } from '../../contract/failover.ts';
import { must } from '../../core/primitives/assert.ts';
import { followMove } from '../follow-move.ts';
import { readCount } from '../option-values.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { facts } from '../table.ts';

const optionsSchema = z.object({
  to: z.string().optional(),
  plan: z.boolean().default(false),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

export const switchover = (register: Register): Command =>
  register(
    new Command('switchover')
      .description('move the master of a group as planned, without loss; --plan first')
      .argument('<group>')
      .option('--to <replica>', 'the new master (default: the best choice)')
      .option('--plan', 'only say what would happen')
      .option('--no-wait', 'do not follow the move to its end')
      .option('--wait-seconds <seconds>', 'how long to follow it', readCount(1), 60),
    async (invocation, { positionals: [name], options }) => {
      const { client, cluster, progress } = invocation;
      const group = must(name, 'commander requires the group');
      const { to, plan, ...following } = optionsSchema.parse(options);
      const answer = await progress.during(
        `switching over ${group}`,
        client.call('switchover', {
          parameters: { group },
          query: { cluster },
          body: { plan, ...(to === undefined ? {} : { to }) },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      if (answer.value.kind === 'movePlan') {
        return done(answer.value, movePlanText(`${cluster}/${group}`, answer.value));
      }
      return followMove(invocation, answer.value, following);
    },
  );

function movePlanText(group: string, { from, to, lagBytes, steps }: MovePlan): string {
  const head = facts([
    ['plan for', `${group} (nothing was changed)`],
    ['move', `${from} -> ${to}`],
    ['lag', `${lagBytes} bytes`],
  ]);
  return `${head}\n\n${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}`;
}
