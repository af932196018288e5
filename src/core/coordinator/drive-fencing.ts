/**
 * Phase FENCING(e+1): revoke on every server that can be reached, read each one after its revocation, and commit
 * PROMOTE as soon as the servers read prove that nothing acknowledged is missing. Until then the group stands still,
 * loudly.
 */
import { chooseCandidate } from '../failover/candidates.ts';
import type { Choice } from '../failover/choice.ts';
import type { ServerRead } from '../failover/coverage.ts';
import { planReign } from '../failover/new-reign.ts';
import { closedSites } from '../metadata/closed-sites.ts';
import { isTakenBack } from '../metadata/drill-queries.ts';
import { findRecord } from '../metadata/history.ts';
import type { BrokerGroup, GroupPhase } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';
import { addStep } from './failover-record.ts';
import { type GroupRun, mayBeCutShort } from './group-run.ts';
import type { SteerDone } from './steering-desk.ts';
import { shortfallText, worstCaseBytes } from './unprovable.ts';

/** Servers that have not answered by then are not waited for where a choice is possible without them. */
const COLLECTION_MS = 1_000;

/**
 * With a proof in hand, servers that answer probes and are being revoked at this moment are waited for this long: each
 * that is read begins the new reign as a member, and with too few of them a policy would have to be degraded at once.
 */
const COMPANY_MS = 250;

type Fencing = Extract<GroupPhase, { kind: 'fencing' }>;

export function driveFencing(
  context: Context,
  group: BrokerGroup,
  phase: Fencing,
  run: GroupRun,
  now: Instant,
): void {
  for (const id of revocable(group, phase, run)) {
    const action = {
      kind: 'revoke',
      killClients: id === group.master,
      prepare: phase.reason === 'adoption',
    } as const;
    context.steer(group, run, id, action, now);
  }
  if (context.awaitsProposal(run, now)) return;
  decide(context, group, phase, run, now);
}

/**
 * Whom to revoke now. A running group that is taken on keeps its master writable until every slave has had its turn,
 * so that its clients are interrupted for one moment only.
 */
function revocable(group: BrokerGroup, phase: Fencing, run: GroupRun): ReplicaId[] {
  const open = group.replicas.map(({ id }) => id).filter((id) => !run.reads.has(id));
  if (phase.reason !== 'adoption' || phase.preferred === null) return open;
  const slaves = open.filter((id) => id !== phase.preferred);
  return slaves.length > 0 ? slaves : open;
}

export function fencingSteered(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  done: SteerDone,
  now: Instant,
): void {
  if (done.action.kind !== 'revoke') return;
  const { replica } = done.ref;
  const { outcome } = done;
  if (outcome.kind === 'done' && outcome.report !== null) {
    run.reads.set(replica, outcome.report);
    run.fenced.set(replica, outcome.report.incarnation);
    context.lower(group.key, 'brokerRefused', replica);
    return;
  }
  context.retryLater(run, replica, now);
  if (outcome.kind === 'failed' && outcome.reason === 'refused') {
    const why = `${replica} cannot be fenced: ${outcome.detail}`;
    context.raise(group.key, 'brokerRefused', why, now, replica);
  }
}

function decide(context: Context, group: BrokerGroup, phase: Fencing, run: GroupRun, now: Instant): void {
  const reads: ServerRead[] = [...run.reads].map(([replica, report]) => ({
    replica,
    report,
    wasSyncing: mayBeCutShort(run, replica, report),
  }));
  const wished = isTakenBack(context.state(), group) ? { ...phase, preferred: group.master } : phase;
  const choice = chooseCandidate({
    group:
      run.floor > group.floor ? { ...group, phase: wished, floor: run.floor } : { ...group, phase: wished },
    reads,
    avoided: new Set(context.state().idcStates.keys()),
    closedSites: closedSites(context.state(), phase.reason),
    collectionOver:
      now.monotonicMs - run.phaseSinceMs > COLLECTION_MS && !isBeingRead(context, group, run, now),
  });
  if (choice.kind === 'promote') {
    context.lower(group.key, 'unprovable');
    context.lower(group.key, 'automaticStopped');
    const waitedMs = now.monotonicMs - run.phaseSinceMs;
    if (waitedMs < COMPANY_MS && isBeingRead(context, group, run, now)) return;
    commitPromotion(context, group, phase, run, choice, reads, now);
    return;
  }
  if (choice.kind === 'unprovable') {
    const worst = worstCaseBytes(context, group, run, choice.bestOffset);
    const detail = shortfallText(group, { ...choice, worstCaseBytes: worst });
    if (!context.raise(group.key, 'unprovable', detail, now)) return;
    const record = findRecord(context.state(), phase.recordId);
    addStep(context, record, { step: 'unprovable', detail, measuredLossBytes: null }, now);
  }
  if (choice.kind === 'closed') {
    context.lower(group.key, 'unprovable');
    context.raise(group.key, 'automaticStopped', closedText(group, choice.detail), now);
  }
}

const closedText = (group: BrokerGroup, detail: string): string =>
  `${detail}. 'pollux stop-automatic --list' says by whom; lift that, or go there all the same: ` +
  commandFor(group, 'failover', '--unsafe', '--reason "why"');

/** What acknowledged writes the choice may cost: nothing where it was proven. */
function predictedLossBytes(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  choice: Extract<Choice, { kind: 'promote' }>,
): bigint | null {
  switch (choice.ground) {
    case 'proven':
      return 0n;
    case 'async':
    case 'unsafe':
      return worstCaseBytes(context, group, run, choice.cut);
    default:
      return unreachable(choice.ground);
  }
}

/** A server that answers probes is being revoked at this moment: its word is about to come. */
function isBeingRead(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): boolean {
  return group.replicas.some(({ id }) => {
    const ref = { group: group.key, replica: id };
    const evidence = context.book.of(ref);
    const heardAtMs = evidence?.heardAtMs ?? Number.NEGATIVE_INFINITY;
    const answers = now.monotonicMs - heardAtMs < group.detectionMs && evidence?.link !== 'down';
    return answers && !run.reads.has(id) && context.desk.isBusy(ref);
  });
}

function commitPromotion(
  context: Context,
  group: BrokerGroup,
  phase: Fencing,
  run: GroupRun,
  choice: Extract<Choice, { kind: 'promote' }>,
  reads: readonly ServerRead[],
  now: Instant,
): void {
  const reign = planReign(group, choice, reads);
  context.log('warn', 'failover.promoting', {
    group: group.key,
    epoch: phase.epoch,
    candidate: choice.candidate,
    cut: choice.cut,
    ground: choice.ground,
    detail: choice.detail,
  });
  context.propose(
    run,
    {
      type: 'group.promote',
      key: group.key,
      epoch: phase.epoch,
      candidate: choice.candidate,
      incarnation: choice.incarnation,
      cut: choice.cut,
      cutLineage: choice.cutLineage,
      cutEpoch: choice.cutEpoch,
      branches: choice.branches,
      members: reign.members,
      rule: reign.rule,
      degraded: reign.degraded,
      candidates: choice.candidates,
      predictedLossBytes: predictedLossBytes(context, group, run, choice),
      incarnations: reign.incarnations,
      wallMs: now.wallMs,
    },
    now,
  );
}
