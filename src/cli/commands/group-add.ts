/** `pollux group add`: takes servers on as one group, or with `--plan` only says what that would mean. */
import { Command, Option } from 'commander';
import { z } from 'zod';
import type {
  GroupAddAnswer,
  GroupDeclarationRequest,
  replicaDeclarationSchema,
} from '../../contract/groups.ts';
import { brokerKindSchema } from '../../contract/scalars.ts';
import { must } from '../../core/primitives/assert.ts';
import { EXIT } from '../exit-code.ts';
import { planText } from '../group-plan.ts';
import { groupTermsOf, groupTermsShape, withGroupTerms } from '../group-terms.ts';
import { collect, readCount, readReplica } from '../option-values.ts';
import { done, failureOutcome, type Outcome } from '../outcome.ts';
import type { CommandLine, Invocation, Register } from '../register.ts';
import { waitUntilActive } from '../wait-until-active.ts';
import { groupText } from './group-show.ts';

const optionsSchema = z.object({
  // What a replica may look like is for the tier to say: its refusal names the field.
  replica: z.array(z.custom<z.input<typeof replicaDeclarationSchema>>(() => true)),
  kind: brokerKindSchema,
  ...groupTermsShape,
  preferredMaster: z.string().optional(),
  plan: z.boolean().default(false),
  wait: z.boolean(),
  waitSeconds: z.number(),
});

type Options = z.infer<typeof optionsSchema>;

export const groupAdd = (register: Register): Command =>
  register(
    withGroupTerms(
      new Command('add')
        .description('take servers on as one broker group; --plan first')
        .argument('<group>')
        .requiredOption(
          '--replica <replica>',
          '[ID=]HOST:PORT@SITE[,priority=N][,replication=HOST:PORT][,announced=HOST:PORT], repeatable',
          collect(readReplica),
        )
        .addOption(new Option('--kind <kind>', 'kind of broker').choices(['redis', 'http']).default('redis')),
    )
      .option(
        '--preferred-master <id>',
        'first master (default: the one that is a master now, or holds the data)',
      )
      .option('--watch-only', 'judge it beside whoever steers it now, and touch nothing')
      .option('--plan', 'only say what would change on each server and what the layout survives')
      .option('--no-wait', 'do not wait until the group is active')
      .option('--wait-seconds <seconds>', 'how long to wait for it', readCount(1), 60),
    addGroup,
  );

function declarationOf(name: string, options: Options): GroupDeclarationRequest {
  return {
    name,
    kind: options.kind,
    replicas: options.replica,
    preferredMaster: options.preferredMaster ?? null,
    ...groupTermsOf(options),
    plan: options.plan,
  };
}

async function addGroup(invocation: Invocation, line: CommandLine): Promise<Outcome> {
  const { client, cluster, progress } = invocation;
  const name = must(line.positionals[0], 'commander requires the group');
  const options = optionsSchema.parse(line.options);
  const answer = await progress.during(
    'looking at the servers',
    client.call('groupAdd', { query: { cluster }, body: declarationOf(name, options) }),
  );
  if (!answer.ok) return failureOutcome(answer.failure);
  return addedOutcome(invocation, { name, ...options }, options, answer.value);
}

/** Shows the plan, or follows the group until it is active. */
export async function addedOutcome(
  invocation: Invocation,
  {
    name,
    wait,
    waitSeconds,
  }: { readonly name: string; readonly wait: boolean; readonly waitSeconds: number },
  terms: Pick<Options, 'policy' | 'onShortage'>,
  answer: GroupAddAnswer,
): Promise<Outcome> {
  const { cluster, paint } = invocation;
  if (answer.kind === 'plan') {
    const { plan } = answer;
    const shown = planText(paint, { name: `${cluster}/${name}`, ...terms }, plan);
    if (plan.fit) return done(answer, shown);
    const text = 'pollux: the group cannot be taken on like this; mend the problems above, then plan again';
    return { exit: EXIT.refused, json: answer, shown, text };
  }
  if (!wait) {
    return done(answer, `group ${cluster}/${name} is declared; 'pollux group show ${name}' follows it`);
  }
  return waited(invocation, name, waitSeconds, answer);
}

async function waited(
  invocation: Invocation,
  name: string,
  waitSeconds: number,
  committed: GroupAddAnswer,
): Promise<Outcome> {
  const { cluster, paint, progress } = invocation;
  progress.note(`${name}: declared`);
  const end = await progress.during(
    `waiting until ${name} is active`,
    waitUntilActive(invocation, name, waitSeconds * 1_000),
  );
  if (end.kind === 'active') {
    const text = `group ${cluster}/${name} is active\n\n${groupText(paint, end.group)}`;
    return done({ committed, group: end.group }, text);
  }
  const why = end.failure === null ? '' : `\n${failureOutcome(end.failure).text}`;
  const message = `group ${cluster}/${name} is declared and was not active within ${waitSeconds} s; it goes on by itself`;
  return {
    exit: EXIT.outcomeUnknown,
    json: { error: { code: 'outcomeUnknown', message }, committed, group: end.group },
    text: `pollux: ${message}${why}\n  next: 'pollux group show ${name}' says what it waits for`,
  };
}
