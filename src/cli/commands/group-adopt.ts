/**
 * `pollux group adopt`: takes over what real Sentinels watch, or with `--plan` only says what that would mean. All
 * masters are planned before the first is taken, so that one that is not fit is known while nothing is changed.
 */
import { Command } from 'commander';
import { z } from 'zod';
import type { AdoptionPlanAnswer, AdoptionRequest } from '../../contract/adoption.ts';
import { adoptionPlanText, putBackLines } from '../adoption-plan.ts';
import { EXIT } from '../exit-code.ts';
import { groupTermsOf, groupTermsShape, withGroupTerms } from '../group-terms.ts';
import { collect, readCount, readPlace } from '../option-values.ts';
import { done, failureOutcome, type Outcome } from '../outcome.ts';
import type { CommandLine, Invocation, Register } from '../register.ts';
import { waitUntilActive } from '../wait-until-active.ts';

const optionsSchema = z.object({
  sentinel: z.string(),
  master: z.array(z.string()).optional(),
  site: z.array(z.tuple([z.string(), z.string()])).default([]),
  ...groupTermsShape,
  plan: z.boolean().default(false),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

type Options = z.infer<typeof optionsSchema>;

export const groupAdopt = (register: Register): Command =>
  register(
    withGroupTerms(
      new Command('adopt')
        .description('take over what Sentinels watch, without a restart of any server; --plan first')
        .requiredOption('--sentinel <host:port>', 'one of the Sentinels; the others are found through it')
        .option(
          '--master <name>',
          'what it is called there, repeatable (default: all)',
          collect((text) => text),
        )
        .option(
          '--site <address=idc>',
          'where a server stands, by HOST:PORT or HOST, repeatable (default: by the address ranges of the nodes)',
          collect(readPlace),
        ),
    )
      .option('--watch-only', 'judge them beside the Sentinels; no Sentinel is told anything')
      .option('--plan', 'only say what would change, which Sentinels would be told what, and what survives')
      .option('--no-wait', 'do not wait until each group is active')
      .option('--wait-seconds <seconds>', 'how long to wait for each', readCount(1), 60),
    adoptMasters,
  );

const requestOf = (master: string, options: Options, plan: boolean): AdoptionRequest => ({
  sentinel: options.sentinel,
  master,
  sites: Object.fromEntries(options.site),
  ...groupTermsOf(options),
  plan,
});

async function adoptMasters(invocation: Invocation, line: CommandLine): Promise<Outcome> {
  const options = optionsSchema.parse(line.options);
  const masters = await mastersOf(invocation, options);
  if ('exit' in masters) return masters;
  const plans: AdoptionPlanAnswer[] = [];
  for (const master of masters) {
    const planned = await ask(invocation, master, options, true);
    if (!planned.ok) {
      const outcome = failureOutcome(planned.failure);
      return { ...outcome, text: `${outcome.text}\n  master: ${master}; nothing was changed` };
    }
    if (planned.value.kind !== 'plan') continue;
    if (options.master === undefined && isDeclared(planned.value))
      invocation.progress.note(`${master}: left out, a group of that name is there already`);
    else plans.push(planned.value);
  }
  if (plans.length === 0) return done({ plans }, 'every master is a group already');
  const shown = plans.map((plan) => planned(invocation, plan)).join('\n');
  const unfit = plans.filter(({ fit }) => !fit).map(({ adoption }) => adoption.group);
  if (unfit.length > 0) {
    const text = `pollux: ${unfit.join(', ')} cannot be taken over like this; nothing was changed. Mend what was found, then plan again`;
    return { exit: EXIT.refused, json: { plans }, shown, text };
  }
  if (options.plan) return done({ plans }, shown);
  return takeAll(invocation, options, plans);
}

/** Nothing else stands against it: one that was taken, or is watched, when this was asked before. */
const isDeclared = ({ adoption: { findings } }: AdoptionPlanAnswer): boolean =>
  findings.some(({ code }) => code === 'declaredAlready');

function planned({ paint, cluster }: Invocation, plan: AdoptionPlanAnswer): string {
  const { group, policy, onShortage } = plan.adoption;
  return adoptionPlanText(paint, { name: `${cluster}/${group}`, policy, onShortage }, plan);
}

const ask = ({ client, cluster, progress }: Invocation, master: string, options: Options, plan: boolean) =>
  progress.during(
    plan ? `looking at ${master}` : `taking ${master} over`,
    client.call('groupAdopt', { query: { cluster }, body: requestOf(master, options, plan) }),
  );

async function mastersOf(
  { client, progress }: Invocation,
  { master, sentinel }: Options,
): Promise<readonly string[] | Outcome> {
  if (master !== undefined) return [...new Set(master)];
  const asked = client.call('sentinelMasters', { body: { sentinel } });
  const answer = await progress.during('asking the Sentinel', asked);
  if (!answer.ok) return failureOutcome(answer.failure);
  const { masters, leftOff } = answer.value;
  if (masters.length > 0 && leftOff === 0) return masters;
  const text =
    masters.length === 0
      ? `Sentinel ${sentinel} watches no master`
      : `Sentinel ${sentinel} watches ${masters.length + leftOff} masters, which is too many at once: name some with --master`;
  return { exit: EXIT.refused, json: { masters, leftOff }, text: `pollux: ${text}` };
}

/** In turn, and no further than the first that fails. */
async function takeAll(
  invocation: Invocation,
  options: Options,
  plans: readonly AdoptionPlanAnswer[],
): Promise<Outcome> {
  const { cluster, progress } = invocation;
  const adopted: unknown[] = [];
  const late: string[] = [];
  for (const { adoption } of plans) {
    const { group, sentinels } = adoption;
    const answer = await ask(invocation, group, options, false);
    if (!answer.ok) {
      const outcome = failureOutcome(answer.failure);
      const taken = plans.slice(0, adopted.length).map((one) => one.adoption.group);
      const before = taken.length === 0 ? [] : [`taken over before that: ${taken.join(', ')}`];
      const unknown =
        answer.failure.kind === 'outcomeUnknown' && !options.watchOnly
          ? [
              `'pollux group show ${group}' tells whether it is declared; if it is not:`,
              ...putBackLines(adoption),
            ]
          : [];
      return { ...outcome, text: [outcome.text, ...unknown, ...before].join('\n') };
    }
    const told = options.watchOnly ? 'watched' : `${sentinels.length} Sentinels were told, declared`;
    progress.note(`${group}: ${told}`);
    if (!options.wait) {
      adopted.push({ committed: answer.value });
      continue;
    }
    const waiting = waitUntilActive(invocation, group, options.waitSeconds * 1_000);
    const end = await progress.during(`waiting until ${group} is active`, waiting);
    if (end.kind === 'late') late.push(group);
    adopted.push({ committed: answer.value, group: end.group });
  }
  const names = plans.map(({ adoption }) => `${cluster}/${adoption.group}`).join(', ');
  if (late.length > 0) {
    const text = `pollux: declared, and not active in time: ${late.join(', ')}; they go on by themselves\n  next: 'pollux group show NAME' says what each waits for`;
    return { exit: EXIT.outcomeUnknown, json: { adopted }, text };
  }
  if (options.watchOnly) return done({ adopted }, `watched beside the Sentinels: ${names}`);
  return done({ adopted }, `taken over${options.wait ? ' and active' : ''}: ${names}`);
}
