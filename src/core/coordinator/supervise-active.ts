/**
 * A running group: is its master well, is a planned move under way, and what does its sync set need next? One step
 * at a time, each derived from the committed state and from evidence, so that a new leader goes on where the last one
 * stopped.
 */
import type { ChangeStep, ReplicaState } from '../failover/change-step.ts';
import { planChange } from '../failover/sync-set-change.ts';
import type { ServerReport } from '../liveness/observation.ts';
import { silentLinkForMs } from '../liveness/receipt.ts';
import { activeSyncSet, findReplica, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { must, unreachable } from '../primitives/assert.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { ConfirmationProbes } from './confirmation.ts';
import type { Context } from './context.ts';
import { addStep, noteFencedReturn, recordOfFailover } from './failover-record.ts';
import type { GroupRun } from './group-run.ts';
import { judgeMaster, noteFloor, reachableReads, reigningIncarnation } from './judge-master.ts';
import { keepsTail, tailSteered } from './old-master-tail.ts';
import { driveMove, expireMove, moveSteered } from './planned-move.ts';
import { noteLineage } from './reign-lineage.ts';
import { fileAttempted, serverChecked, watchServers } from './settings-watch.ts';
import type { SteerDone } from './steering-desk.ts';
import { noteLetIn, noteRemoved, waitsForItsTurn } from './vain-returns.ts';

/** Evidence shows within this time whom a replica follows after it was told. */
const ATTACH_SHOWS_MS = 500;
/** Between two orders to one replica to follow the same master. */
const REATTACH_MS = 2_000;
/** A member that is away for shorter than this is waited for, whatever the detection time. */
const REMOVE_AFTER_AT_LEAST_MS = 2_000;

export function superviseActive(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  run: GroupRun,
  now: Instant,
): void {
  noteFloor(context, group, run);
  expireMove(context, group, run, now);
  if (context.awaitsProposal(run, now)) return;
  if (judgeMaster(context, probes, group, run, now)) return;
  if (noteLineage(context, group, run, now)) return;
  if (driveMove(context, group, run, now)) return;
  noteShortage(context, group, now);
  // Writes are acknowledged again once enough members follow: they are all told in one go, not one after the other.
  for (let members = group.replicas.length; members > 0; members -= 1) {
    const step = nextStep(context, group, run, now);
    perform(context, group, run, step, now);
    if (step.kind !== 'attach') return;
  }
}

function nextStep(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): ChangeStep {
  const reads = new Map(
    reachableReads(context, group, run, now, null).map((read) => [read.replica, read.report]),
  );
  const replicas = new Map<ReplicaId, ReplicaState>();
  for (const { id } of group.replicas) {
    const fresh = reads.get(id) ?? null;
    const kept = context.book.of({ group: group.key, replica: id })?.answered?.report ?? null;
    const report = fresh ?? kept;
    replicas.set(id, {
      report: report === null ? null : asToldToFollow(run, id, report, now),
      reachable: fresh !== null,
      awayForMs: awayForMs(context, group, run, id, fresh, now),
    });
  }
  return planChange({
    group,
    replicas,
    progress: {
      granted: run.granted,
      fenced: run.fenced,
      chained: chained(context, group, run),
      notNow: notNow(context, group, run, now),
    },
    nowMs: now.monotonicMs,
    removeAfterMs: removeAfterMs(group),
  });
}

const removeAfterMs = (group: BrokerGroup): number =>
  Math.max(REMOVE_AFTER_AT_LEAST_MS, 2 * group.detectionMs);

/** A grant is in memory only: it is gone with the member's process. */
function chained(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
): ReadonlyMap<ReplicaId, readonly ReplicaId[]> {
  const grants = [...run.chainGrants].filter(
    ([below, { incarnation }]) => context.seenIncarnation(group.key, below) === incarnation,
  );
  return new Map(grants.map(([below, { inbound }]) => [below, inbound]));
}

/** Servers that are being steered, or that failed a moment ago. */
function notNow(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): ReadonlySet<ReplicaId> {
  const ids = group.replicas.map(({ id }) => id);
  return new Set(
    ids.filter(
      (id) =>
        context.desk.isBusy({ group: group.key, replica: id }) ||
        (run.retryAtMs.get(id) ?? 0) > now.monotonicMs ||
        waitsForItsTurn(run, id, now),
    ),
  );
}

/** Between the order to follow somebody and the first probe that shows it, the order is taken for done. */
function asToldToFollow(run: GroupRun, id: ReplicaId, report: ServerReport, now: Instant): ServerReport {
  const told = run.attached.get(id);
  if (told === undefined || report.follows?.address === told.address) return report;
  if (now.monotonicMs - told.atMs > ATTACH_SHOWS_MS) return report;
  return {
    ...report,
    follows: { address: told.address, linkUp: false, syncing: false, lastReceivedSecondsAgo: -1 },
  };
}

function awayForMs(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  id: ReplicaId,
  report: ServerReport | null,
  now: Instant,
): number {
  const master = must(masterOf(group), 'an active group has a master');
  const follows = report?.follows ?? null;
  const linked =
    follows?.linkUp === true &&
    !follows.syncing &&
    follows.address === master.endpoints.replication &&
    report?.loading === false;
  const silentMs = report === null ? 0 : silentLinkForMs(report);
  if (linked && silentMs === 0) return 0;
  const watchingMs = context.watchingSinceMs.get(group.key) ?? now.monotonicMs;
  const seenLinkedMs = context.book.of({ group: group.key, replica: id })?.linkedAtMs ?? 0;
  // A link that is up and brings nothing was one until its last byte.
  const linkedMs = silentMs === 0 ? seenLinkedMs : now.monotonicMs - silentMs;
  // At least one: not linked now is away, however briefly.
  return Math.max(1, now.monotonicMs - Math.max(linkedMs, run.phaseSinceMs, watchingMs));
}

function noteShortage(context: Context, group: BrokerGroup, now: Instant): void {
  const syncSet = activeSyncSet(group);
  if (syncSet?.degraded === true) {
    context.raise(
      group.key,
      'degraded',
      `${group.policy} cannot be met: writes are acknowledged by the master and ${syncSet.members.length} more until members return`,
      now,
    );
  } else context.lower(group.key, 'degraded');
}

function perform(context: Context, group: BrokerGroup, run: GroupRun, step: ChangeStep, now: Instant): void {
  if (step.kind !== 'hold') context.lower(group.key, 'shortage');
  const { key, epoch } = group;
  const master = must(masterOf(group), 'an active group has a master');
  switch (step.kind) {
    case 'none':
      watchServers(context, group, run, now);
      return;
    case 'hold':
      context.raise(group.key, step.code, step.detail, now);
      if (step.reattach !== null)
        attach(context, group, run, step.reattach, master.endpoints.replication, now);
      else watchServers(context, group, run, now);
      return;
    case 'grant':
      context.steer(
        group,
        run,
        master.id,
        {
          kind: 'grant',
          expectedIncarnation: reigningIncarnation(group),
          members: step.inbound,
          producer: { syncSetVersion: step.version, timeFence: step.timeFence },
        },
        now,
      );
      return;
    case 'markCaughtUp':
      context.propose(
        run,
        { type: 'group.markCaughtUp', key, epoch, version: step.version, replicas: step.replicas },
        now,
      );
      return;
    case 'settle':
      context.propose(run, { type: 'group.settleRules', key, epoch, keepFrom: step.keepFrom }, now);
      return;
    case 'attach':
      if (isMember(group, step) || mayCatchUp(context, group, step.replica, now))
        attach(context, group, run, step, master.endpoints.replication, now);
      return;
    case 'fence':
      if (keepsTail(context, group, run, step.replica, now)) return;
      context.steer(group, run, step.replica, { kind: 'revoke', killClients: true, prepare: false }, now);
      return;
    case 'chain':
      if (mayCatchUp(context, group, step.replica, now)) chain(context, group, run, step, now);
      return;
    case 'commit':
      commit(context, group, run, step, now);
      return;
    default:
      unreachable(step);
  }
}

const isMember = (
  group: BrokerGroup,
  one: { readonly replica: ReplicaId; readonly incarnation: Incarnation },
): boolean =>
  activeSyncSet(group)?.members.some(
    ({ replica, incarnation }) => replica === one.replica && incarnation === one.incarnation,
  ) === true;

const mayCatchUp = (context: Context, group: BrokerGroup, replica: ReplicaId, now: Instant): boolean =>
  context.resyncs.admits({ group: group.key, replica }, (ref) => context.book.of(ref), now.monotonicMs);

function attach(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  step: { readonly replica: ReplicaId; readonly incarnation: Incarnation },
  masterAddress: string,
  now: Instant,
): void {
  const action = { kind: 'attach', expectedIncarnation: step.incarnation, masterAddress } as const;
  context.steer(group, run, step.replica, action, now);
}

/** The member below which a replica catches up lets it in first; then the replica is told to follow it. */
function chain(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  step: Extract<ChangeStep, { kind: 'chain' }>,
  now: Instant,
): void {
  const below = must(findReplica(group, step.below), 'a member is a replica of its group');
  const incarnation = context.seenIncarnation(group.key, step.below);
  if (incarnation === null) return;
  const confirmed = run.chainGrants.get(step.below);
  // A grant is in memory only: another process of the member has to be told again.
  if (confirmed?.incarnation === incarnation && confirmed.inbound.join() === step.inbound.join()) {
    attach(context, group, run, step, below.endpoints.replication, now);
    return;
  }
  const action = {
    kind: 'grant',
    expectedIncarnation: incarnation,
    members: step.inbound,
    producer: null,
  } as const;
  context.steer(group, run, step.below, action, now);
}

const leaversOf = (group: BrokerGroup, staying: readonly { readonly replica: ReplicaId }[]): ReplicaId[] =>
  (activeSyncSet(group)?.members ?? [])
    .map(({ replica }) => replica)
    .filter((id) => !staying.some(({ replica }) => replica === id));

function commit(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  step: Extract<ChangeStep, { kind: 'commit' }>,
  now: Instant,
): void {
  const { expectedVersion, members, rule, degraded, incarnations, detail } = step;
  context.log('info', 'syncSet.changing', { group: group.key, version: expectedVersion + 1, detail });
  const joining = incarnations.map(({ replica }) => replica);
  if (step.change === 'add') noteLetIn(run, joining, expectedVersion + 1);
  if (step.change === 'remove') noteRemoved(run, leaversOf(group, members), removeAfterMs(group), now);
  context.propose(
    run,
    {
      type: 'group.changeSyncSet',
      key: group.key,
      epoch: group.epoch,
      expectedVersion,
      members,
      rule,
      degraded,
      incarnations,
      detail,
      wallMs: now.wallMs,
    },
    now,
  );
  const record = recordOfFailover(context, group);
  const from = record?.from ?? null;
  if (step.change === 'add' && joining.some((id) => id === from)) {
    const line = { step: 'returned', detail: `${from} is a slave again: ${detail}`, measuredLossBytes: null };
    addStep(context, record, line, now);
  }
}

export function activeSteered(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  done: SteerDone,
  now: Instant,
): void {
  const { action, outcome } = done;
  const { replica } = done.ref;
  moveSteered(context, group, run, done, now);
  if (action.kind === 'keepTail') {
    tailSteered(context, group, run, done, now);
    return;
  }
  if (action.kind === 'check') {
    // It says nothing of what else the server does, and is made again in its turn.
    if (outcome.kind === 'checked') serverChecked(context, group, run, replica, action, outcome.check, now);
    else fileAttempted(run, replica, action, false, now);
    return;
  }
  if (outcome.kind === 'failed') {
    context.retryLater(run, replica, now);
    if (action.kind === 'grant') run.chainGrants.delete(replica);
    if (outcome.reason === 'refused') {
      context.raise(
        group.key,
        'brokerRefused',
        `${replica} refused to ${action.kind}: ${outcome.detail}`,
        now,
        replica,
      );
    }
    return;
  }
  context.lower(group.key, 'brokerRefused', replica);
  if (outcome.kind !== 'done') return;
  if (action.kind === 'grant' && replica !== group.master)
    run.chainGrants.set(replica, { incarnation: action.expectedIncarnation, inbound: action.members });
  if (action.kind === 'attach') {
    // What was told before is told again from time to time only.
    if (run.attached.get(replica)?.address === action.masterAddress)
      run.retryAtMs.set(replica, now.monotonicMs + REATTACH_MS);
    run.attached.set(replica, { address: action.masterAddress, atMs: now.monotonicMs });
  }
  if (outcome.report === null) return;
  if (action.kind === 'grant' && replica === group.master && action.producer !== null) {
    const { offset, connectedSlaves } = outcome.report;
    const { syncSetVersion: version, timeFence } = action.producer;
    const { granted } = run;
    run.granted = {
      version,
      versionSinceMs: granted?.version === version ? granted.versionSinceMs : now.monotonicMs,
      inbound: action.members,
      timeFence,
      offset,
      connectedSlaves,
    };
    // Somebody who was cut off is connected still: asked again, but not at the speed of the network.
    if (connectedSlaves > action.members.length) context.retryLater(run, replica, now);
  }
  if (action.kind === 'revoke') {
    run.chainGrants.delete(replica);
    // Until a probe shows it fenced, the last answer would have it fenced again and again.
    run.retryAtMs.set(replica, now.monotonicMs + 2 * context.options.probeIntervalMs);
    run.fenced.set(replica, outcome.report.incarnation);
    noteFencedReturn(context, group, replica, outcome.report, now);
  }
}
