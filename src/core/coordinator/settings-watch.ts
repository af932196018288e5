/**
 * The slow look at what every server of a running group leans on (`drivers/redis/actions/check.ts`): one server at a
 * time, in turns, never while something more urgent is to be done for the group. What was found stands as an alert until
 * a later look finds it gone; what was put right is in the history of the reign.
 *
 * What only a comparison over time shows, a file that somebody had written and an administrator that is new, is known as
 * far as this leader's first look at the process. A file is written again where that is safe: on a slave.
 */
import type { Finding, ServerCheck, SteerAction } from '../failover/steering.ts';
import { activeSyncSet, findReplica } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';
import { addStep, recordOfFailover } from './failover-record.ts';
import type { GroupRun, ServerWatch } from './group-run.ts';

/** Between two looks at one server. */
const LOOK_EVERY_MS = 10_000;
/** A file that cannot be written is tried again after up to two to this power times that. */
const FILE_DOUBLINGS = 6;
/** A reign has settled by then. */
const FIRST_LOOK_AFTER_MS = 1_000;
/** More servers than a leader can look at in that time are looked at less often. */
const LOOKS_PER_SECOND = 50;
const SERVERS_PER_GROUP = 3;

type Check = Extract<SteerAction, { kind: 'check' }>;

/** Looks at the next server of the group that is due, if any. */
export function watchServers(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  if (group.kind !== 'redis' || run.granted === null) return;
  const { groups } = context.state();
  const everyMs = Math.max(LOOK_EVERY_MS, (groups.size * SERVERS_PER_GROUP * 1_000) / LOOKS_PER_SECOND);
  const members = activeSyncSet(group)?.members ?? [];
  for (const id of [group.master, ...members.map(({ replica }) => replica)]) {
    const incarnation = id === null ? null : context.seenIncarnation(group.key, id);
    if (id === null || incarnation === null) continue;
    const watch = watchOf(run, id, incarnation);
    if (now.monotonicMs < watch.dueMs) continue;
    if (!context.steer(group, run, id, checkOf(group, run, id, watch, now), now)) continue;
    watch.dueMs = now.monotonicMs + everyMs;
    return;
  }
}

function watchOf(run: GroupRun, id: ReplicaId, incarnation: Incarnation): ServerWatch {
  const known = run.watches.get(id);
  if (known?.incarnation === incarnation) return known;
  const dueMs = Math.max(known?.dueMs ?? 0, run.phaseSinceMs + FIRST_LOOK_AFTER_MS);
  const fresh: ServerWatch = {
    dueMs,
    incarnation,
    first: null,
    isFileSuspect: false,
    fileFailures: 0,
    fileDueMs: 0,
    findings: [],
  };
  run.watches.set(id, fresh);
  return fresh;
}

function checkOf(group: BrokerGroup, run: GroupRun, id: ReplicaId, watch: ServerWatch, now: Instant): Check {
  const { granted } = run;
  const expectedIncarnation = watch.incarnation;
  if (id !== group.master || granted === null)
    return {
      kind: 'check',
      expectedIncarnation,
      master: null,
      writeFile: watch.isFileSuspect && now.monotonicMs >= watch.fileDueMs,
    };
  const producer = { syncSetVersion: granted.version, timeFence: granted.timeFence };
  const master = { members: granted.inbound, producer };
  return { kind: 'check', expectedIncarnation, master, writeFile: false };
}

/**
 * To write its file a slave lets go of its master and of whom it let in, whether the file takes it or not: what failed is
 * tried less and less often.
 */
export function fileAttempted(
  run: GroupRun,
  replica: ReplicaId,
  { expectedIncarnation, writeFile }: Check,
  isWritten: boolean,
  now: Instant,
): void {
  const watch = run.watches.get(replica);
  if (!writeFile || watch?.incarnation !== expectedIncarnation) return;
  run.chainGrants.delete(replica);
  watch.fileFailures = isWritten ? 0 : watch.fileFailures + 1;
  const waitMs = isWritten ? 0 : LOOK_EVERY_MS * 2 ** Math.min(watch.fileFailures, FILE_DOUBLINGS);
  watch.fileDueMs = now.monotonicMs + waitMs;
}

/** Takes the answer in; what it says of another process than the one that runs now is void. */
export function serverChecked(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  replica: ReplicaId,
  action: Check,
  check: ServerCheck,
  now: Instant,
): void {
  const watch = run.watches.get(replica);
  if (watch?.incarnation !== action.expectedIncarnation) return;
  fileAttempted(run, replica, action, check.fileWritten, now);
  const { administrators, fileWrites } = check;
  // Counters start anew when somebody resets them.
  if (watch.first === null || check.fileWritten || fileWrites < watch.first.fileWrites)
    watch.first = { administrators: watch.first?.administrators ?? administrators, fileWrites };
  watch.isFileSuspect = fileWrites > watch.first.fileWrites;
  const known = watch.first.administrators;
  const newOnes = administrators.filter((name) => !known.includes(name));
  watch.findings = [
    ...check.findings,
    ...(check.fileWritten ? [fileMended] : []),
    ...(watch.isFileSuspect ? [fileFinding(group, replica)] : []),
    ...newOnes.map(administratorFinding),
  ];
  show(context, group, run, now);
  const record = recordOfFailover(context, group);
  for (const finding of watch.findings) {
    if (!finding.mended) continue;
    const line = { step: 'putRight', detail: lineOf(group, replica, finding), measuredLossBytes: null };
    // Something that is changed back and forth for ever must not fill the record.
    addStep(context, record, line, now, 'line');
  }
}

const fileMended: Finding = {
  what: 'configuration file',
  expected: 'written by pollux alone',
  found: 'written by somebody else',
  mended: true,
  advice: 'find out who ran CONFIG REWRITE or ACL SAVE',
};

/** A running master's file cannot be written again without writing its fence out of it. */
const fileFinding = (group: BrokerGroup, replica: ReplicaId): Finding => ({
  ...fileMended,
  found: 'written by somebody else, so that it may not boot fenced any more',
  mended: false,
  advice:
    replica === group.master
      ? `do not restart it; make it a slave, and its file is put right: ${commandFor(group, 'switchover')}`
      : 'do not restart it until this is put right',
});

const administratorFinding = (name: string): Finding => ({
  what: `user ${name}`,
  expected: 'no further administrator',
  found: 'may administrate since this leader looks at the server',
  mended: false,
  advice: `if nobody of yours made it: ACL DELUSER ${name}`,
});

function lineOf(group: BrokerGroup, replica: ReplicaId, finding: Finding): string {
  const address = findReplica(group, replica)?.endpoints.client ?? '';
  const { what, expected, found, mended, advice } = finding;
  return `${replica} (${address}): ${what} is ${found}, expected ${expected}; ${mended ? 'put right; ' : ''}${advice}`;
}

function show(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  const lines = [...run.watches].flatMap(([replica, { findings }]) =>
    findings.map((finding) => lineOf(group, replica, finding)),
  );
  if (lines.length === 0) context.lower(group.key, 'deviation');
  else context.raise(group.key, 'deviation', lines.join('. '), now);
}
