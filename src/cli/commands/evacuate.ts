/** `pollux evacuate`: moves all masters out of an IDC, group by group, without loss. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { abortDrill, beginDrill } from '../drill-command.ts';
import { readCount } from '../option-values.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({
  plan: z.boolean().default(false),
  abort: z.boolean().default(false),
  parallel: z.number(),
  resyncs: z.number(),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

export const evacuate = (register: Register): Command =>
  register(
    new Command('evacuate')
      .description('move all masters out of an IDC, group by group, without loss; --plan first')
      .argument('<idc>')
      .option('--plan', 'only say where each master would go, and what its policy could promise there')
      .addOption(
        new Option(
          '--abort',
          'begin no further group, and take moves that are not promoted yet back',
        ).conflicts('plan'),
      )
      .option('--parallel <groups>', 'groups in their move at once', readCount(1), 1)
      .option(
        '--resyncs <servers>',
        'begin no group while so many full resyncs are under way',
        readCount(1),
        1,
      )
      .option('--no-wait', 'do not follow it to its end')
      .option('--wait-seconds <seconds>', 'how long to follow it', readCount(1), 3_600),
    async (invocation, { positionals: [name], options }) => {
      const idc = must(name, 'commander requires the IDC');
      const { plan, abort, parallel, resyncs, ...following } = optionsSchema.parse(options);
      if (abort) return abortDrill(invocation, idc);
      return beginDrill(invocation, { kind: 'evacuation', idc, plan, parallel, resyncs }, following);
    },
  );
