/** `pollux failover`: moves a master by force; without `--unsafe` only where no acknowledged write can be lost. */
import { Command } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { followMove } from '../follow-move.ts';
import { readCount } from '../option-values.ts';
import { failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({
  to: z.string().optional(),
  unsafe: z.boolean().default(false),
  reason: z.string().optional(),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

export const failover = (register: Register): Command =>
  register(
    new Command('failover')
      .description('give a group a new master by force; refused where a loss cannot be ruled out')
      .argument('<group>')
      .option('--to <replica>', 'the new master, if it holds everything (default: the most synchronised)')
      .option('--unsafe', 'accept the loss of acknowledged writes that cannot be proven to be held')
      .option('--reason <text>', 'why; kept in the history')
      .option('--no-wait', 'do not follow the move to its end')
      .option('--wait-seconds <seconds>', 'how long to follow it', readCount(1), 60),
    async (invocation, { positionals: [name], options }) => {
      const { client, cluster, progress } = invocation;
      const group = must(name, 'commander requires the group');
      const { to, unsafe, reason, ...following } = optionsSchema.parse(options);
      const answer = await progress.during(
        `failing over ${group}`,
        client.call('failover', {
          parameters: { group },
          query: { cluster },
          body: {
            unsafe,
            ...(to === undefined ? {} : { to }),
            ...(reason === undefined ? {} : { reason }),
          },
        }),
      );
      if (!answer.ok) return failureOutcome(answer.failure);
      return followMove(invocation, answer.value, following);
    },
  );
