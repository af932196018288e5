/**
 * A planned move of one group's mastership without loss: hold writes back on the master, wait until the chosen slave
 * has all of it, then go through the same phases as any failover. Until FENCING is committed it can be given up
 * without a trace: writes are let go on.
 */
import { activeSyncSet, findReplica, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup, Replica } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import type { GroupRun, PlannedMove } from './group-run.ts';
import { fence, reigningIncarnation } from './judge-master.ts';
import type { SteerDone } from './steering-desk.ts';

/** Longest time for which a planned move holds writes back. */
const PAUSE_MS = 2_000;
/** The slave must have caught up by then; the rest of the pause is for fencing and promoting. */
const CATCH_UP_MS = 1_200;

export type MovePlan = { readonly from: Replica; readonly to: Replica; readonly lagBytes: bigint };

/** Whether, and to whom, a group could be moved now without loss. */
export function planMove(context: Context, group: BrokerGroup, to: ReplicaId | null): Result<MovePlan> {
  if (group.phase.kind !== 'active') {
    return refused(
      'busy',
      `${group.key} is ${group.phase.kind}; wait until that is over (pollux history ${group.name}).`,
    );
  }
  if (to !== null && findReplica(group, to) === null) {
    return refused('unknownReplica', `${group.key} has no replica ${to}.`, {
      field: 'to',
      expected: group.replicas.map(({ id }) => id).join(', '),
    });
  }
  const from = must(masterOf(group), 'an active group has a master');
  if (to === from.id)
    return refused('duplicateName', `${to} is the master of ${group.key} already.`, { field: 'to' });
  const masterReport = context.book.of({ group: group.key, replica: from.id })?.answered?.report;
  if (masterReport === undefined) return refused('brokerUnreachable', `Master ${from.id} does not answer.`);
  const members = activeSyncSet(group)?.members ?? [];
  const candidates = group.replicas
    .filter(({ id }) => (to === null ? id !== from.id : id === to))
    .flatMap((replica) => {
      const member = members.find((one) => one.replica === replica.id);
      const report = context.book.of({ group: group.key, replica: replica.id })?.answered?.report;
      const fits =
        report !== undefined && member?.incarnation === report.incarnation && report.follows?.linkUp === true;
      return fits && report !== undefined ? [{ replica, lagBytes: masterReport.offset - report.offset }] : [];
    })
    .sort(
      (left, right) =>
        left.replica.priority - right.replica.priority || (left.lagBytes < right.lagBytes ? -1 : 1),
    );
  const best = candidates[0];
  if (best === undefined) {
    return refused(
      'unprovable',
      `${to ?? 'No slave'} of ${group.key} is ${to === null ? '' : 'not '}a member of the sync set that follows its master now; nothing was done.`,
    );
  }
  const lagBytes = best.lagBytes > 0n ? best.lagBytes : 0n;
  return accepted({ from, to: best.replica, lagBytes });
}

/** Gives an open move up once its time is over, whatever else keeps the group busy. */
export function expireMove(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  if (run.move === null || now.monotonicMs - run.move.startedMs <= CATCH_UP_MS) return;
  abandonMove(context, group, run, `${run.move.to} did not catch up within ${CATCH_UP_MS} ms`, now);
}

/** Carries an open move on by one step. True while it is under way. */
export function driveMove(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): boolean {
  const { move } = run;
  if (move === null) return false;
  const master = must(masterOf(group), 'an active group has a master');
  if (move.pausedAtMs === null) {
    context.steer(group, run, master.id, { kind: 'pauseWrites', forMs: PAUSE_MS }, now);
    return true;
  }
  if (!hasCaughtUp(context, group, move, master.id)) return true;
  const order = {
    reason: 'switchover',
    preferred: move.to,
    unsafe: false,
    by: move.by,
    evidence: [],
  } as const;
  const recordId = fence(context, group, run, order, now);
  context.moveAskers.set(recordId, move.asker);
  run.move = null;
  return true;
}

/** Both must have answered a probe that was asked after the pause, and stand at the same offset. */
function hasCaughtUp(context: Context, group: BrokerGroup, move: PlannedMove, master: ReplicaId): boolean {
  const sincePause = (id: ReplicaId) => {
    const answered = context.book.of({ group: group.key, replica: id })?.answered ?? null;
    return answered !== null && answered.atMs - answered.answerMs >= (move.pausedAtMs ?? 0)
      ? answered.report
      : null;
  };
  const from = sincePause(master);
  const to = sincePause(move.to);
  return (
    from !== null &&
    to !== null &&
    from.incarnation === reigningIncarnation(group) &&
    to.offset >= from.offset
  );
}

export function moveSteered(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  done: SteerDone,
  now: Instant,
): void {
  if (done.action.kind !== 'pauseWrites' || run.move === null) return;
  if (done.outcome.kind === 'done') run.move.pausedAtMs = now.monotonicMs;
  else if (done.outcome.kind === 'failed')
    abandonMove(context, group, run, `the master did not pause: ${done.outcome.detail}`, now);
}

function abandonMove(context: Context, group: BrokerGroup, run: GroupRun, why: string, now: Instant): void {
  const { move } = run;
  if (move === null) return;
  run.move = null;
  context.log('warn', 'switchover.abandoned', { group: group.key, to: move.to, why });
  context.steer(
    group,
    run,
    must(group.master, 'an active group has a master'),
    { kind: 'resumeWrites' },
    now,
  );
  context.emit({
    kind: 'reply',
    asker: move.asker,
    reply: refused('timedOut', `The move was given up and writes go on: ${why}. Nothing was changed.`),
  });
}
