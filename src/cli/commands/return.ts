/** `pollux return`: opens an IDC again, and brings the masters back that belong there. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import { must } from '../../core/primitives/assert.ts';
import { abortDrill, beginDrill } from '../drill-command.ts';
import { readCount } from '../option-values.ts';
import type { Register } from '../register.ts';

const optionsSchema = z.object({
  plan: z.boolean().default(false),
  abort: z.boolean().default(false),
  moves: z.boolean(),
  parallel: z.number(),
  resyncs: z.number(),
  healthySeconds: z.number(),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

const DESCRIPTION =
  'open an IDC again and bring its masters back, group by group, without loss; --plan first';
const BELONGING = `
A master belongs to the IDC that an evacuation took it out of, else to the one that 'pollux return-rule' prefers;
groups that are named are moved whatever their rule says. Each is moved once its servers there have been well for a while.`;

export const returnTo = (register: Register): Command =>
  register(
    new Command('return')
      .description(DESCRIPTION)
      .argument('<idc>')
      .argument('[groups...]', 'only these groups (default: all that belong there)')
      .option('--plan', 'only say which masters would come back, and what their policy could promise there')
      .addOption(
        new Option(
          '--abort',
          'begin no further group, and take moves that are not promoted yet back',
        ).conflicts('plan'),
      )
      .option('--no-moves', 'only open the IDC again; masters stay where they are')
      .option('--parallel <groups>', 'groups in their move at once', readCount(1), 1)
      .option(
        '--resyncs <servers>',
        'begin no group while so many full resyncs are under way',
        readCount(1),
        1,
      )
      .option('--healthy-seconds <seconds>', 'how long its servers have to have been well', readCount(0), 10)
      .option('--no-wait', 'do not follow it to its end')
      .option('--wait-seconds <seconds>', 'how long to follow it', readCount(1), 3_600)
      .addHelpText('after', BELONGING),
    async (invocation, { positionals: [name, ...named], options }) => {
      const idc = must(name, 'commander requires the IDC');
      const { plan, abort, moves, parallel, resyncs, healthySeconds, ...following } =
        optionsSchema.parse(options);
      if (abort) return abortDrill(invocation, idc);
      const belonging = moves && named.length === 0;
      const request = {
        kind: 'return',
        idc,
        plan,
        parallel,
        resyncs,
        healthyMs: healthySeconds * 1_000,
        ...(belonging ? {} : { groups: moves ? [...named] : [] }),
      } as const;
      return beginDrill(invocation, request, following);
    },
  );
