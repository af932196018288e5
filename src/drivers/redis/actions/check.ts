/**
 * Looks whether a server of a running group still is as its promise leans on: settings, users, who replicates from it,
 * who else steers it. What is in memory and safe to put right is put right in the same go; the rest is told.
 *
 * It grants nothing that the leader did not name: inbound users and producers are those of the action, which the leader
 * takes from what the master confirmed last.
 */
import type { Finding, ServerCheck, SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import { LIMITS } from '../../../core/primitives/limits.ts';
import {
  type AccessEntry,
  closeOtherDoors,
  isGrant,
  isPolluxUser,
  KEEPER_USER,
  keeperRules,
  PROBE_USER,
  parseAccessEntry,
  probeRules,
  restrictedRules,
  takesPassword,
} from '../access-rules.ts';
import type { Command } from '../connections.ts';
import { derivePassword } from '../derived-passwords.ts';
import { FENCED_SETTINGS, MANAGED_SETTINGS, setCommand, timeFenceSettings } from '../managed-settings.ts';
import { failed, type Step, type Stop, stop, taken } from '../outcome.ts';
import { keptCommands, mayRun, readSettings } from '../prepare.ts';
import { countFileWrites } from '../rewrites.ts';
import type { Hand } from '../steering-hand.ts';
import { writeFileAgain } from '../write-again.ts';
import { type ActionContext, expectIncarnation, grantChange, killStrangers } from './context.ts';
import { watchedBySentinel } from './inspect.ts';

type Check = Extract<SteerAction, { kind: 'check' }>;
/** What is not as it should be, and the commands that make it so; none where nothing in memory can. */
type Deviation = Omit<Finding, 'mended'> & { readonly mend: readonly Command[] };

const PUT_RIGHT = 'find out who changed it';

/** A master has its group's time fence, any other server one that nothing satisfies. */
const settingsOf = ({ master }: Check): readonly (readonly [string, string])[] => [
  ...MANAGED_SETTINGS.filter(([name]) => name !== 'min-replicas-max-lag'),
  ...(master === null ? FENCED_SETTINGS : timeFenceSettings(master.producer.timeFence)),
];

async function settingDeviations(hand: Hand, action: Check): Promise<Step<readonly Deviation[]>> {
  const wanted = settingsOf(action);
  const found = await readSettings(
    hand,
    wanted.map(([name]) => name),
  );
  if (!found.ok) return found;
  return taken(
    wanted
      .filter(([name, value]) => found.value.get(name) !== value)
      .map(([name, value]) => ({
        what: name,
        expected: value,
        found: found.value.get(name) ?? 'unknown',
        advice: PUT_RIGHT,
        mend: [setCommand([[name, value]])],
      })),
  );
}

/** Users outside pollux that could replicate, and `default` where it could administrate. */
async function rightDeviations(hand: Hand, names: readonly string[]): Promise<Step<readonly Deviation[]>> {
  const deviations: Deviation[] = [];
  for (const name of names.filter((user) => !isPolluxUser(user))) {
    const replicates = await mayRun(hand, name, ['PSYNC', '?', '-1']);
    if (!replicates.ok) return replicates;
    if (!replicates.value) continue;
    deviations.push({
      what: `user ${name}`,
      expected: 'no replication',
      found: 'may replicate, and so satisfy WAIT',
      advice: PUT_RIGHT,
      mend: closeOtherDoors([name]),
    });
  }
  const configures = await mayRun(hand, 'default', ['CONFIG', 'REWRITE']);
  if (!configures.ok) return configures;
  if (!configures.value) return taken(deviations);
  const kept = await keptCommands(hand);
  if (!kept.ok) return kept;
  deviations.push({
    what: 'user default',
    expected: 'no administrative commands',
    found: 'may administrate',
    advice: PUT_RIGHT,
    mend: [['ACL', 'SETUSER', 'default', ...restrictedRules(kept.value)]],
  });
  return taken(deviations);
}

/** Users outside pollux that may administrate, beside `default`: new ones are for the leader to notice. */
async function administratorsAmong(hand: Hand, names: readonly string[]): Promise<Step<readonly string[]>> {
  const administrators: string[] = [];
  for (const name of names.filter((user) => !isPolluxUser(user) && user !== 'default')) {
    const configures = await mayRun(hand, name, ['CONFIG', 'REWRITE']);
    if (!configures.ok) return configures;
    if (configures.value) administrators.push(name);
  }
  return taken(administrators);
}

function standingUserDeviations(
  context: ActionContext,
  entries: readonly AccessEntry[],
): readonly Deviation[] {
  const standing = [
    [KEEPER_USER, keeperRules],
    [PROBE_USER, probeRules],
  ] as const;
  return standing.flatMap(([name, rules]) => {
    const password = derivePassword(context.settings.steeringSecret, name);
    const entry = entries.find((candidate) => candidate.name === name) ?? null;
    if (entry !== null && takesPassword(entry, password)) return [];
    return [
      {
        what: `user ${name}`,
        expected: 'there, with the password of this steering secret',
        found: entry === null ? 'missing' : 'off, or with another password',
        advice: PUT_RIGHT,
        mend: [['ACL', 'SETUSER', name, ...rules(password)]],
      },
    ];
  });
}

/** On a master: who is let in, and who may write, are exactly those that the leader named. */
async function grantDeviations(
  context: ActionContext,
  hand: Hand,
  action: Check,
  users: readonly string[],
): Promise<Step<readonly Deviation[]>> {
  if (action.master === null) return taken([]);
  const { members, producer } = action.master;
  const { removals, additions } = grantChange(context.settings, users, members, producer);
  const wanted = additions.map(([, , name = '']) => name).sort();
  const found = users.filter(isGrant).sort();
  const deviations: Deviation[] = [];
  if (wanted.join(' ') !== found.join(' ')) {
    deviations.push({
      what: 'users that replicate or produce',
      expected: wanted.join(', '),
      found: found.join(', ') || 'none',
      advice: PUT_RIGHT,
      mend: [...removals, ...additions],
    });
  }
  const strangers = await killStrangers(hand, members);
  if (!strangers.ok) return strangers;
  if (strangers.value.length > 0) {
    deviations.push({
      what: 'replicas attached',
      expected: 'members of the sync set only',
      found: `${strangers.value.length} as another user`,
      advice: PUT_RIGHT,
      mend: strangers.value,
    });
  }
  return taken(deviations);
}

async function sentinelDeviations(hand: Hand): Promise<Step<readonly Deviation[]>> {
  const watched = await watchedBySentinel(hand);
  if (!watched.ok) return watched;
  if (!watched.value) return taken([]);
  return taken([
    {
      what: 'Sentinel',
      expected: 'none watches the server',
      found: 'one does, and would move the master by itself',
      advice: 'run SENTINEL REMOVE for this master on every Sentinel',
      mend: [],
    },
  ]);
}

async function lookAround(
  context: ActionContext,
  hand: Hand,
  action: Check,
  entries: readonly AccessEntry[],
): Promise<Step<readonly Deviation[]>> {
  const names = entries.map(({ name }) => name);
  const deviations: Deviation[] = [...standingUserDeviations(context, entries)];
  const looks = [
    () => settingDeviations(hand, action),
    () => rightDeviations(hand, names),
    () => grantDeviations(context, hand, action, names),
    () => sentinelDeviations(hand),
  ];
  for (const look of looks) {
    const found = await look();
    if (!found.ok) return found;
    deviations.push(...found.value);
  }
  return taken(deviations);
}

/** Each on its own, so that one that the server refuses does not keep the others from being put right. */
async function mend(hand: Hand, deviations: readonly Deviation[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { mend: commands, ...finding } of deviations) {
    const mended = commands.length === 0 ? null : await hand.transact(commands);
    const refused = mended?.ok === false ? ` (putting it right failed: ${mended.detail})` : '';
    findings.push({ ...finding, advice: `${finding.advice}${refused}`, mended: mended?.ok === true });
  }
  return findings;
}

export async function check(context: ActionContext, action: Check): Promise<SteerOutcome> {
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const report = await expectIncarnation(hand, action.expectedIncarnation);
  if (!report.ok) return failed(report);
  const isMaster = report.value.role === 'master';
  if (isMaster !== (action.master !== null))
    return failed(stop('mismatch', 'notVerified', `it is a ${report.value.role}`));
  const lines = await hand.askForStrings(['ACL', 'LIST']);
  if (!lines.ok) return failed(lines);
  const entries = lines.value.flatMap((line) => parseAccessEntry(line) ?? []);
  const administrators = await administratorsAmong(
    hand,
    entries.map(({ name }) => name),
  );
  if (!administrators.ok) return failed(administrators);
  const deviations = await lookAround(context, hand, action, entries);
  if (!deviations.ok) return failed(deviations);
  const findings = await mend(hand, deviations.value);
  const before = await countFileWrites(hand);
  if (!before.ok) return failed(before);
  const found = {
    findings,
    administrators: administrators.value,
    fileWrites: before.value,
    fileWritten: false,
  };
  const follows = report.value.follows?.address ?? null;
  if (!action.writeFile || follows === null) return checked(found);
  const fileWrites = await writeFile(context, hand, follows);
  if (fileWrites.ok) return checked({ ...found, fileWrites: fileWrites.value, fileWritten: true });
  // Whoever steers now looks for himself.
  if (fileWrites.reason === 'superseded') return failed(fileWrites);
  return checked({ ...found, findings: [fileNotWritten(fileWrites), ...findings] });
}

/** As much as one message between nodes may carry. */
const checked = ({ findings, administrators, ...file }: ServerCheck): SteerOutcome => ({
  kind: 'checked',
  check: {
    findings: findings.slice(0, LIMITS.findingsPerCheck),
    administrators: administrators.slice(0, LIMITS.administratorsPerCheck),
    ...file,
  },
});

const fileNotWritten = ({ code, detail }: Stop): Finding => ({
  what: 'configuration file',
  expected: 'written again, so that the server boots fenced',
  found: 'not written',
  mended: false,
  advice: `${code}: ${detail}`,
});

/** Answers how often the file was written by then. `follows`: the master of the slave. */
async function writeFile(context: ActionContext, hand: Hand, follows: string): Promise<Step<number>> {
  const written = await writeFileAgain(context, hand, follows);
  if (!written.ok) return written;
  const opened = await context.hand();
  return opened.ok ? countFileWrites(opened.value) : opened;
}
