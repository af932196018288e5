/** `pollux stop-automatic`: stops, lists and lifts automatic action. Evidence is gathered all the same. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { StopScopeRequest } from '../../contract/stops.ts';
import { readDuration } from '../option-values.ts';
import { done, failed, failureOutcome, type Outcome } from '../outcome.ts';
import type { CommandLine, Invocation, Register } from '../register.ts';
import { durationText, stopTable } from '../words.ts';

const optionsSchema = z.object({
  all: z.boolean().default(false),
  idc: z.string().optional(),
  group: z.string().optional(),
  reason: z.string().optional(),
  for: z.number().optional(),
  resume: z.boolean().default(false),
  list: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export const stopAutomatic = (register: Register): Command =>
  register(
    new Command('stop-automatic')
      .description('stop automatic failover everywhere, for an IDC or for a group, and lift that again')
      .addOption(new Option('--all', 'everywhere').conflicts(['idc', 'group', 'list']))
      .addOption(
        new Option('--idc <idc>', 'for groups whose master stands there; nobody there is promoted').conflicts(
          ['group', 'list'],
        ),
      )
      .addOption(new Option('--group <name>', 'for one group, or one RocketMQ broker set').conflicts('list'))
      .option('--reason <text>', 'shown to everybody who looks')
      .option('--for <duration>', 'it ends by itself after 90s, 30m, 2h or 3d', readDuration)
      .addOption(new Option('--resume', 'lift the stop').conflicts(['list', 'reason', 'for']))
      .option('--list', 'only show what is stopped'),
    async (invocation, { options }: CommandLine) => {
      const parsed = optionsSchema.parse(options);
      if (parsed.list) return list(invocation);
      const scope = scopeOf(parsed);
      if (scope === null)
        return failed('usage', 'say what is meant: --all, --idc IDC, --group GROUP or --list');
      return parsed.resume ? resume(invocation, scope) : stop(invocation, scope, parsed);
    },
  );

function scopeOf({ all, idc, group }: Options): StopScopeRequest | null {
  if (all) return { kind: 'all' };
  if (idc !== undefined) return { kind: 'idc', site: idc };
  return group === undefined ? null : { kind: 'group', group };
}

function meant(scope: StopScopeRequest, cluster: string): string {
  if (scope.kind === 'all') return 'everywhere';
  return scope.kind === 'idc' ? `for the IDC ${scope.site}` : `for the group ${cluster}/${scope.group}`;
}

async function list({ client, paint, progress }: Invocation): Promise<Outcome> {
  const answer = await progress.during('asking for the stops', client.call('stopList', {}));
  if (!answer.ok) return failureOutcome(answer.failure);
  const { stops } = answer.value;
  return done(
    answer.value,
    stops.length === 0 ? 'automatic action is stopped nowhere' : stopTable(paint, stops),
  );
}

async function stop(
  { client, cluster, progress }: Invocation,
  scope: StopScopeRequest,
  { reason, for: forMs }: Options,
): Promise<Outcome> {
  const answer = await progress.during(
    'stopping automatic action',
    client.call('stopAdd', {
      query: { cluster },
      body: {
        scope,
        ...(reason === undefined ? {} : { reason }),
        ...(forMs === undefined ? {} : { forMs }),
      },
    }),
  );
  if (!answer.ok) return failureOutcome(answer.failure);
  const span = forMs === undefined ? '' : ` for ${durationText(forMs)}`;
  const text = `automatic action is stopped ${meant(scope, cluster)}${span}; the same with --resume lifts that`;
  return done(answer.value, text);
}

async function resume({ client, cluster, progress }: Invocation, scope: StopScopeRequest): Promise<Outcome> {
  const answer = await progress.during(
    'resuming automatic action',
    client.call('stopResume', { query: { cluster }, body: { scope } }),
  );
  if (!answer.ok) return failureOutcome(answer.failure);
  return done(answer.value, `the stop of automatic action ${meant(scope, cluster)} is lifted`);
}
