/**
 * A planned move of one group's mastership without loss: wait until the chosen slave is close, hold writes back on the
 * master, wait until the slave has all of it, then go through the same phases as any failover. Until FENCING is committed
 * it can be given up without a trace: writes are let go on. Writes are held for no longer than LIMITS.writesHeldMs.
 */
import { CLOSE_BYTES, type MoveTarget, moveTarget } from '../drills/move-target.ts';
import { refuseWatchOnly } from '../metadata/commands/group-changes.ts';
import { findReplica, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup, MetadataState, Replica } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { type RefusalCode, type Result, refused } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import { LOOK_TIMEOUT_MS, lookNow } from './fresh-look.ts';
import type { GroupRun, PlannedMove } from './group-run.ts';
import { fence, reigningIncarnation } from './judge-master.ts';
import type { SteerDone } from './steering-desk.ts';

/** The slave must have come close by then. */
const COME_CLOSE_MS = 2_500;
/** Between two fresh probes of a slave that catches up; the first one is asked at once. */
const PROBE_EVERY_MS = 5;

/** Whether, and to whom, a group could be moved now without loss. */
export function planMove(
  context: Context,
  group: BrokerGroup,
  wish: { readonly to: ReplicaId | null; readonly into: SiteName | null },
  now: Instant,
  { idcStates }: Pick<MetadataState, 'idcStates'> = context.state(),
): Result<MoveTarget> {
  if (group.watchOnly) return refuseWatchOnly(group);
  return moveTarget({
    group,
    ...wish,
    avoided: new Set(idcStates.keys()),
    reportOf: (replica) => {
      const answered = context.book.of({ group: group.key, replica })?.answered ?? null;
      return answered !== null && now.monotonicMs - answered.atMs < group.detectionMs
        ? answered.report
        : null;
    },
  });
}

export const openMove = (order: Pick<PlannedMove, 'to' | 'by' | 'asker'>, now: Instant): PlannedMove => ({
  ...order,
  startedMs: now.monotonicMs,
  held: null,
  probedMs: null,
});

/** Gives an open move up once its time is over, whatever else keeps the group busy. */
export function expireMove(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  const { move } = run;
  if (move === null) return;
  const lag = lagOf(context, group, move);
  const behind = lag === null ? 'does not answer' : `is ${lag} bytes behind`;
  if (move.held === null) {
    if (now.monotonicMs - move.startedMs > COME_CLOSE_MS) {
      const why = `${move.to} ${behind} after ${COME_CLOSE_MS} ms`;
      abandonMove(context, group, run, { code: 'notCaughtUp', why }, now);
    }
  } else if (now.monotonicMs - move.held.atMs > LIMITS.catchUpMs) {
    const why = `${move.to} did not catch up within ${LIMITS.catchUpMs} ms and ${behind}`;
    abandonMove(context, group, run, { code: 'notCaughtUp', why }, now);
  }
}

/** Carries an open move on by one step. True while it is under way. */
export function driveMove(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): boolean {
  const { move } = run;
  if (move === null) return false;
  const master = must(masterOf(group), 'an active group has a master');
  const target = must(findReplica(group, move.to), 'who takes over is a replica of its group');
  if (move.held === null) {
    const lag = lagOf(context, group, move);
    if (lag !== null && lag <= CLOSE_BYTES)
      context.steer(group, run, master.id, { kind: 'pauseWrites', forMs: LIMITS.writesHeldMs }, now);
    return true;
  }
  if (!hasCaughtUp(context, group, master, move, move.held.offset)) {
    askTarget(context, group, target, move, now);
    return true;
  }
  const order = {
    reason: 'switchover',
    preferred: move.to,
    unsafe: false,
    by: move.by,
    evidence: [],
  } as const;
  const recordId = fence(context, group, run, order, now);
  if (move.asker !== null) context.moveAskers.set(recordId, move.asker);
  run.move = null;
  return true;
}

const reportOf = (context: Context, group: BrokerGroup, replica: ReplicaId) =>
  context.book.of({ group: group.key, replica })?.answered?.report ?? null;

/** By what was seen last; while writes are held, by the master's final place. Null where one was never seen. */
function lagOf(context: Context, group: BrokerGroup, move: PlannedMove): bigint | null {
  const place =
    move.held?.offset ?? reportOf(context, group, must(group.master, 'an active group has a master'))?.offset;
  const report = reportOf(context, group, move.to);
  if (place === undefined || report === null) return null;
  return place > report.offset ? place - report.offset : 0n;
}

/** The offset that the master had after the pause is final; whoever was seen there on its stream has everything. */
function hasCaughtUp(
  context: Context,
  group: BrokerGroup,
  master: Replica,
  move: PlannedMove,
  offset: bigint,
): boolean {
  const report = reportOf(context, group, move.to);
  return (
    report !== null &&
    report.offset >= offset &&
    report.follows?.linkUp === true &&
    report.follows.address === master.endpoints.replication
  );
}

function askTarget(
  context: Context,
  group: BrokerGroup,
  target: Replica,
  move: PlannedMove,
  now: Instant,
): void {
  const ref = { group: group.key, replica: target.id };
  if (move.probedMs !== null) {
    const seenMs = context.book.of(ref)?.newest.atMs ?? Number.NEGATIVE_INFINITY;
    const sinceMs = now.monotonicMs - move.probedMs;
    if (seenMs < move.probedMs ? sinceMs < LOOK_TIMEOUT_MS : sinceMs < PROBE_EVERY_MS) return;
  }
  move.probedMs = now.monotonicMs;
  lookNow(context, group, target.id);
}

export function moveSteered(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  done: SteerDone,
  now: Instant,
): void {
  if (done.action.kind !== 'pauseWrites' || run.move === null) return;
  const { outcome } = done;
  if (outcome.kind === 'failed') {
    const code = outcome.reason === 'unreachable' ? 'brokerUnreachable' : 'brokerRefused';
    const why = `the master did not hold writes back: ${outcome.detail}`;
    abandonMove(context, group, run, { code, why }, now);
  } else if (outcome.kind !== 'done' || outcome.report === null) return;
  else if (outcome.report.incarnation !== reigningIncarnation(group)) {
    const why = 'the master runs as another process';
    abandonMove(context, group, run, { code: 'brokerRefused', why }, now);
  } else run.move.held = { atMs: now.monotonicMs, offset: outcome.report.offset };
}

/** Lets writes go on; whoever asked for the move is told. */
export function abandonMove(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  { code, why }: { readonly code: RefusalCode; readonly why: string },
  now: Instant,
): void {
  const { move } = run;
  if (move === null) return;
  run.move = null;
  run.moveGivenUp = why;
  context.log('warn', 'switchover.abandoned', { group: group.key, to: move.to, why });
  const master = must(group.master, 'an active group has a master');
  context.steer(group, run, master, { kind: 'resumeWrites' }, now);
  if (move.asker === null) return;
  context.emit({
    kind: 'reply',
    asker: move.asker,
    reply: refused(code, `The move was given up and writes go on: ${why}. Nothing was changed.`),
  });
}
