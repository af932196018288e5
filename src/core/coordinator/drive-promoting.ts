/**
 * Phase PROMOTE(e+1, candidate): make exactly that process the master, at or above the cut, for exactly the new sync
 * set; then commit ACTIVE with the lineage that it began. Any mismatch gives this promotion up for FENCING(e+2).
 */
import { timeFenceOf } from '../failover/time-fence.ts';
import { activeSyncSet, highestEpoch } from '../metadata/queries.ts';
import type { BrokerGroup, GroupPhase } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import { epoch } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { type ConfirmationProbes, evidenceOf, openRound, verdictOf } from './confirmation.ts';
import type { Context } from './context.ts';
import { lookNow } from './fresh-look.ts';
import type { GroupRun } from './group-run.ts';
import type { SteerDone } from './steering-desk.ts';

type Promoting = Extract<GroupPhase, { kind: 'promoting' }>;

export function drivePromoting(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  phase: Promoting,
  run: GroupRun,
  now: Instant,
): void {
  if (context.awaitsProposal(run, now)) return;
  const syncSet = must(activeSyncSet(group), 'a group that promotes has the sync set of its new reign');
  context.steer(
    group,
    run,
    phase.candidate,
    {
      kind: 'promote',
      epoch: phase.epoch,
      expectedIncarnation: phase.incarnation,
      minimumOffset: phase.cut,
      members: syncSet.members.map(({ replica }) => replica),
      producer: { syncSetVersion: syncSet.version, timeFence: timeFenceOf(group, syncSet) },
    },
    now,
  );
  watchCandidate(context, probes, group, phase, run, now);
}

/** A candidate that does not answer for a detection time is asked about like a master; dead means another choice. */
function watchCandidate(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  phase: Promoting,
  run: GroupRun,
  now: Instant,
): void {
  const { round } = run;
  if (round !== null) {
    const site = must(
      group.replicas.find(({ id }) => id === phase.candidate),
      'the candidate is a replica',
    ).site;
    const verdict = verdictOf(context, round, site, now);
    if (verdict === 'undecided') return;
    run.round = null;
    run.nextRoundMs = now.monotonicMs + group.detectionMs;
    if (verdict === 'dead') giveUp(context, group, run, `the candidate died: ${round.suspicion}`, now, round);
    return;
  }
  if (now.monotonicMs < run.nextRoundMs) return;
  const evidence = context.book.of({ group: group.key, replica: phase.candidate });
  const heardMs = Math.max(evidence?.heardAtMs ?? 0, run.phaseSinceMs);
  if (now.monotonicMs - heardMs < group.detectionMs) return;
  const suspicion = `nothing heard of the candidate for ${Math.round(now.monotonicMs - heardMs)} ms`;
  openRound(
    context,
    probes,
    group,
    run,
    { replica: phase.candidate, incarnation: phase.incarnation, suspicion },
    now,
  );
}

export function promotingSteered(
  context: Context,
  group: BrokerGroup,
  phase: Promoting,
  run: GroupRun,
  done: SteerDone,
  now: Instant,
): void {
  if (
    done.action.kind !== 'promote' ||
    done.ref.replica !== phase.candidate ||
    done.action.epoch !== phase.epoch
  )
    return;
  const { outcome } = done;
  if (outcome.kind === 'done' && outcome.report !== null) {
    context.lower(group.key, 'brokerRefused', phase.candidate);
    run.granted = {
      version: done.action.producer.syncSetVersion,
      timeFence: done.action.producer.timeFence,
      inbound: done.action.members,
      offset: outcome.report.offset,
      connectedSlaves: outcome.report.connectedSlaves,
      versionSinceMs: now.monotonicMs,
    };
    // Once ACTIVE is committed, slaves are told to follow it only after it was seen as a master.
    lookNow(context, group, phase.candidate);
    context.propose(
      run,
      {
        type: 'group.activate',
        key: group.key,
        epoch: phase.epoch,
        lineage: outcome.report.lineage,
        reinstated: phase.candidate === group.master,
        wallMs: now.wallMs,
      },
      now,
    );
    return;
  }
  context.retryLater(run, phase.candidate, now);
  if (outcome.kind !== 'failed') return;
  if (outcome.reason === 'mismatch') giveUp(context, group, run, outcome.detail, now, null);
  else if (outcome.reason === 'refused') {
    context.raise(
      group.key,
      'brokerRefused',
      `${phase.candidate} cannot be promoted: ${outcome.detail}`,
      now,
      phase.candidate,
    );
  }
}

function giveUp(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  why: string,
  now: Instant,
  round: Parameters<typeof evidenceOf>[0] | null,
): void {
  const current = highestEpoch(group);
  context.log('warn', 'failover.promotionFailed', { group: group.key, epoch: current, why });
  context.propose(
    run,
    {
      type: 'group.fence',
      key: group.key,
      expectedEpoch: current,
      epoch: epoch(current + 1),
      reason: 'promotionFailed',
      preferred: null,
      unsafe: false,
      recordId: context.newRecordId(),
      by: 'pollux',
      note: why,
      evidence: round === null ? [] : evidenceOf(round),
      wallMs: now.wallMs,
    },
    now,
  );
}
