/** `pollux drill`: past and running evacuations and returns. */
import { Command } from 'commander';
import { must } from '../../core/primitives/assert.ts';
import { countsText, drillName, drillText, paintedDrillOutcome } from '../drill-text.ts';
import { done, failureOutcome } from '../outcome.ts';
import type { Register } from '../register.ts';
import { table } from '../table.ts';
import { timeText } from '../words.ts';

const list = (register: Register): Command =>
  register(
    new Command('list').description('evacuations and returns, newest first'),
    async ({ client, paint, progress }) => {
      const answer = await progress.during('asking for the drills', client.call('drillList', {}));
      if (!answer.ok) return failureOutcome(answer.failure);
      const { drills } = answer.value;
      if (drills.length === 0) return done(answer.value, 'no IDC was ever evacuated or returned to');
      const rows = drills.map((drill) => [
        drill.id,
        timeText(drill.startedWallMs),
        drillName(drill),
        drill.by,
        paintedDrillOutcome(paint, drill.outcome),
        countsText(drill),
      ]);
      return done(answer.value, table(paint, ['DRILL', 'BEGAN', 'WHAT', 'BY', 'OUTCOME', 'GROUPS'], rows));
    },
  );

const show = (register: Register): Command =>
  register(
    new Command('show').description('one evacuation or return, group by group').argument('<id>'),
    async ({ client, paint, progress }, { positionals: [name] }) => {
      const id = must(name, 'commander requires the id');
      const answer = await progress.during(
        'asking for the drill',
        client.call('drillGet', { parameters: { id } }),
      );
      return answer.ok ? done(answer.value, drillText(paint, answer.value)) : failureOutcome(answer.failure);
    },
  );

export const drill = (register: Register): Command =>
  [list, show].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('drill').description('evacuations of an IDC and returns into it'),
  );
