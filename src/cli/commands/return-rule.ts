/** `pollux return-rule`: where masters are to stand when all is well, and whether they come back by themselves. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { ReturnRuleAnswer, ReturnRuleScope } from '../../contract/drills.ts';
import { readCount } from '../option-values.ts';
import { done, failed, failureOutcome, type Outcome } from '../outcome.ts';
import type { Invocation, Register } from '../register.ts';
import { table } from '../table.ts';
import { durationText, scopeText } from '../words.ts';

const optionsSchema = z.object({
  all: z.boolean().default(false),
  group: z.string().optional(),
  prefer: z.string().optional(),
  afterSeconds: z.number().optional(),
  remove: z.boolean().default(false),
  list: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export const returnRule = (register: Register): Command =>
  register(
    new Command('return-rule')
      .description('prefer an IDC for masters, of the tier or of a group, and bring them back to it')
      .addOption(
        new Option('--all', 'for all groups without a rule of their own').conflicts(['group', 'list']),
      )
      .addOption(new Option('--group <name>', 'for one group').conflicts('list'))
      .addOption(new Option('--prefer <idc>', 'where masters are to stand').conflicts(['remove', 'list']))
      .addOption(
        new Option('--after-seconds <seconds>', 'come back by themselves once it was well for so long')
          .argParser(readCount(1))
          .conflicts(['remove', 'list']),
      )
      .addOption(new Option('--remove', 'take the rule away').conflicts('list'))
      .option('--list', 'only show the rules'),
    async (invocation, { options }) => {
      const parsed = optionsSchema.parse(options);
      if (parsed.list) return list(invocation);
      const scope = scopeOf(parsed);
      if (scope === null) return failed('usage', 'say what is meant: --all, --group GROUP or --list');
      if (parsed.remove) return remove(invocation, scope);
      if (parsed.prefer === undefined) return failed('usage', 'say what is wanted: --prefer IDC or --remove');
      return set(invocation, scope, parsed.prefer, parsed.afterSeconds);
    },
  );

function scopeOf({ all, group }: Options): ReturnRuleScope | null {
  if (all) return { kind: 'all' };
  return group === undefined ? null : { kind: 'group', group };
}

const ruleRow = ({ scope, preferredIdc, returnAfterMs }: ReturnRuleAnswer): string[] => [
  scopeText(scope),
  preferredIdc,
  returnAfterMs === null ? "by 'pollux return'" : `after ${durationText(returnAfterMs)} of health`,
];

async function list({ client, paint, progress }: Invocation): Promise<Outcome> {
  const answer = await progress.during('asking for the rules', client.call('returnRuleList', {}));
  if (!answer.ok) return failureOutcome(answer.failure);
  const { rules } = answer.value;
  if (rules.length === 0) return done(answer.value, 'no IDC is preferred');
  return done(answer.value, table(paint, ['SCOPE', 'PREFERRED', 'COMES BACK'], rules.map(ruleRow)));
}

async function set(
  { client, cluster, progress }: Invocation,
  scope: ReturnRuleScope,
  preferredIdc: string,
  afterSeconds: number | undefined,
): Promise<Outcome> {
  const returnAfterMs = afterSeconds === undefined ? null : afterSeconds * 1_000;
  const answer = await progress.during(
    'setting the rule',
    client.call('returnRuleSet', { query: { cluster }, body: { scope, preferredIdc, returnAfterMs } }),
  );
  if (!answer.ok) return failureOutcome(answer.failure);
  const how =
    returnAfterMs === null
      ? "'pollux return' brings masters back"
      : `masters come back by themselves after ${durationText(returnAfterMs)} of health`;
  return done(answer.value, `${preferredIdc} is preferred; ${how}`);
}

async function remove({ client, cluster, progress }: Invocation, scope: ReturnRuleScope): Promise<Outcome> {
  const answer = await progress.during(
    'removing the rule',
    client.call('returnRuleRemove', { query: { cluster }, body: { scope } }),
  );
  return answer.ok ? done(answer.value, 'the rule is gone') : failureOutcome(answer.failure);
}
