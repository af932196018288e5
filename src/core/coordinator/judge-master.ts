/**
 * From suspicion to FENCING(e+1). The leader suspects from its own evidence, every node is asked, a quorum's verdict
 * is kept with what each node said; then, before anything is touched, it is predicted whether a promotion could be
 * proven. Where it could not, the group is left alone, because its master may come back by itself.
 */
import type { ServerRead } from '../failover/coverage.ts';
import { acknowledgedOffset } from '../failover/floor.ts';
import { predictSet } from '../failover/predict.ts';
import { kindOfDeath } from '../liveness/death.ts';
import type { ServerReport } from '../liveness/observation.ts';
import { suspect } from '../liveness/suspicion.ts';
import { LEFT_ALONE, type LeftAlone } from '../metadata/history.ts';
import { highestEpoch, isAutomaticStopped, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup, FencingReason, Replica } from '../metadata/state.ts';
import type { HistoryEvidence } from '../metadata/state-parts.ts';
import { must, unreachable } from '../primitives/assert.ts';
import { epoch, type GroupKey, type Incarnation, type ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { closedBrake, cooldownBrake, stopBrake } from './brakes.ts';
import { type ConfirmationProbes, evidenceOf, openRound, verdictOf, wordsOf } from './confirmation.ts';
import type { Context } from './context.ts';
import type { Asker } from './effects.ts';
import { type ConfirmationRound, type GroupRun, mayBeCutShort, type Noted } from './group-run.ts';
import {
  endUndecided,
  noteAnswersAgain,
  noteSuspicion,
  noteUndecided,
  raiseHeld,
} from './suspicion-notes.ts';
import { shortfallText, worstCaseBytes } from './unprovable.ts';
import { vantageOf } from './vantage.ts';
import { wouldHave } from './would-have.ts';

/** A confirmed death is acted on within this time; later it has to be confirmed again. */
const CONFIRMATION_KEPT_MS = 2_000;

/** Returns true while the master is in doubt: nothing else is decided about the group then. */
export function judgeMaster(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  run: GroupRun,
  now: Instant,
): boolean {
  const master = must(masterOf(group), 'an active group has a master');
  const incarnation = reigningIncarnation(group);
  const suspicion = suspect(vantageOf(context, group, { replica: master.id, incarnation }, now));
  // A death that was confirmed is void as soon as anything speaks for the master again.
  if (suspicion.kind !== 'suspect') run.confirmed = null;
  else if (run.confirmed !== null) return actOnDeath(context, group, run, master, now);
  switch (suspicion.kind) {
    case 'alive':
      run.round = null;
      context.lower(group.key, 'held');
      lowerDoubts(context, group.key);
      endUndecided(context, group, run, now);
      noteAnswersAgain(context, group, run, now);
      return false;
    case 'abstain':
      run.round = null;
      if (suspicion.alert) raiseHeld(context, group, suspicion.detail, now);
      return false;
    case 'held':
      // It is not dead after all: nobody may be told to accept a loss for it.
      lowerDoubts(context, group.key);
      if (suspicion.alert) raiseHeld(context, group, suspicion.detail, now);
      run.round = null;
      return true;
    case 'suspect':
      break;
    default:
      unreachable(suspicion);
  }
  if (run.round === null) {
    if (now.monotonicMs >= run.nextRoundMs) {
      openRound(
        context,
        probes,
        group,
        run,
        { replica: master.id, incarnation, suspicion: suspicion.detail },
        now,
      );
    }
    return true;
  }
  concludeRound(context, group, run, master, now);
  return true;
}

/** One of these alerts at a time. */
function lowerDoubts(context: Context, group: GroupKey, but: LeftAlone | null = null): void {
  for (const code of LEFT_ALONE) if (code !== but) context.lower(group, code);
}

/** The process whose reign is active. */
export function reigningIncarnation(group: BrokerGroup): Incarnation {
  return must(group.reigns.at(-1), 'an active group has a reign').incarnation;
}

function concludeRound(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: Replica,
  now: Instant,
): void {
  const round = must(run.round, 'a round is open');
  const verdict = verdictOf(context, round, master.site, now);
  if (verdict === 'undecided') return;
  run.round = null;
  // Asked again soon: a master that is really dead must not wait for a slow witness.
  run.nextRoundMs = now.monotonicMs + Math.min(500, group.detectionMs / 2);
  const evidence = evidenceOf(round);
  context.log(verdict === 'dead' ? 'warn' : 'info', 'master.judged', {
    group: group.key,
    replica: master.id,
    verdict,
    evidence: evidence.map(({ node, verdict: word, detail }) => `${node}: ${word}, ${detail}`),
  });
  const suspected: HistoryEvidence = {
    node: context.options.self,
    site: context.options.site,
    verdict: 'dead',
    detail: `suspected: ${round.suspicion}`,
    wallMs: round.startedWallMs,
  };
  const heard = [suspected, ...evidence];
  if (verdict !== 'dead') {
    const { outcome, detail } = outcomeOf(round);
    const said = { outcome, detail, evidence: heard, candidates: [], predictedLossBytes: null };
    const note = outcome === 'undecided' ? noteUndecided : noteSuspicion;
    note(context, group, run, { ...said, reason: reasonFor(context, group, master) }, now);
    return;
  }
  run.undecided = null;
  run.confirmed = {
    replica: master.id,
    kind: kindOfDeath(wordsOf(round), context.options.voters, master.site),
    suspicion: round.suspicion,
    evidence: heard,
    atMs: now.monotonicMs,
    noted: null,
  };
  actOnDeath(context, group, run, master, now);
}

/** Why the others did not find it dead, by what spoke for it. */
function outcomeOf(round: ConfirmationRound): Pick<Noted, 'outcome' | 'detail'> {
  const alive = [...wordsOf(round)].filter(([, { verdict }]) => verdict === 'alive');
  const suspected = `suspected: ${round.suspicion}`;
  if (alive.length === 0)
    return { outcome: 'undecided', detail: `${suspected}; no quorum of the nodes found it dead` };
  const isHeld = alive.every(([, { ground }]) => ground === 'receipt' || ground === 'links');
  const said = alive.map(([node, { detail }]) => `${node}: ${detail}`).join('; ');
  return { outcome: isHeld ? 'held' : 'refuted', detail: `${suspected}; ${said}` };
}

function reasonFor(context: Context, group: BrokerGroup, master: Replica): 'masterLost' | 'masterRestarted' {
  const seen = context.seenIncarnation(group.key, master.id);
  return seen !== null && seen !== reigningIncarnation(group) ? 'masterRestarted' : 'masterLost';
}

type Left = Pick<Noted, 'candidates' | 'predictedLossBytes'> & {
  readonly outcome: LeftAlone;
  readonly message: string;
};

/** A death that nothing is done about, for now: an alert, and once for each confirmation a line in the history. */
function leaveAlone(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: Replica,
  { outcome, message, ...rest }: Left,
  now: Instant,
): void {
  const confirmed = must(run.confirmed, 'a death is confirmed');
  lowerDoubts(context, group.key, outcome);
  context.raise(group.key, outcome, message, now);
  if (confirmed.noted === outcome) return;
  run.confirmed = { ...confirmed, noted: outcome };
  const reason = reasonFor(context, group, master);
  const { evidence } = confirmed;
  noteSuspicion(context, group, run, { outcome, detail: message, evidence, reason, ...rest }, now);
}

function actOnDeath(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  master: Replica,
  now: Instant,
): boolean {
  const confirmed = must(run.confirmed, 'a death is confirmed');
  const reads = reachableReads(context, group, run, now, master.id);
  const reason = reasonFor(context, group, master);
  if (group.watchOnly) {
    leaveAlone(context, group, run, master, wouldHave(context, group, run, reason, reads), now);
    run.confirmed = null;
    run.nextRoundMs = now.monotonicMs + group.detectionMs;
    return true;
  }
  const prediction = predictSet(group, reads);
  const { candidates } = prediction;
  const stop = isAutomaticStopped(context.state(), group);
  const stopped = stop === null ? null : stopBrake(group, master.id, stop);
  if (stopped === null && !prediction.provable) {
    const worst = worstCaseBytes(context, group, run, prediction.bestOffset);
    const why = shortfallText(group, { ...prediction, worstCaseBytes: worst });
    const message = `Master ${master.id} is dead and no promotion could be proven lossless: ${why}`;
    const left = { outcome: 'unprovable', message, candidates, predictedLossBytes: worst } as const;
    leaveAlone(context, group, run, master, left, now);
    if (now.monotonicMs - confirmed.atMs > CONFIRMATION_KEPT_MS) run.confirmed = null;
    return true;
  }
  const brake =
    stopped ??
    (prediction.provable ? closedBrake(context.state(), group, prediction.furthest, reason) : null) ??
    cooldownBrake(group, run, confirmed, now);
  if (brake !== null) {
    leaveAlone(context, group, run, master, { ...brake, candidates, predictedLossBytes: null }, now);
    run.confirmed = null;
    run.nextRoundMs = now.monotonicMs + group.detectionMs;
    return true;
  }
  const { evidence } = confirmed;
  const order = { reason, preferred: null, unsafe: false, by: 'pollux', evidence } as const;
  fence(context, group, run, order, now);
  return true;
}

export type FenceOrder = {
  readonly reason: FencingReason;
  readonly preferred: ReplicaId | null;
  readonly unsafe: boolean;
  readonly by: string;
  /** Why, in the words of the operator who asked for it. */
  readonly note?: string | undefined;
  readonly evidence: readonly HistoryEvidence[];
};

/** Proposes FENCING(e+1) and returns the id of its history record. */
export function fence(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  order: FenceOrder,
  now: Instant,
  asker: Asker | null = null,
): string {
  const current = highestEpoch(group);
  const recordId = context.newRecordId();
  context.log('warn', 'failover.fencing', {
    group: group.key,
    epoch: current + 1,
    reason: order.reason,
    by: order.by,
  });
  // The next leader may have to choose: what this one saw acknowledged goes into the log just before.
  if (group.phase.kind === 'active' && run.floor > group.floor) {
    const command = {
      type: 'group.raiseFloor',
      key: group.key,
      epoch: group.epoch,
      floor: run.floor,
    } as const;
    context.emit({ kind: 'propose', command, asker: null });
  }
  context.propose(
    run,
    {
      type: 'group.fence',
      key: group.key,
      expectedEpoch: current,
      epoch: epoch(current + 1),
      ...order,
      note: order.note ?? '',
      recordId,
      wallMs: now.wallMs,
    },
    now,
    asker,
  );
  return recordId;
}

/** The newest report of every server that answered this node, or else another one, within the detection time. */
export function reachableReads(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  now: Instant,
  without: ReplicaId | null,
): ServerRead[] {
  const reads: ServerRead[] = [];
  for (const { id } of group.replicas) {
    if (id === without) continue;
    const answered = context.book.of({ group: group.key, replica: id })?.answered ?? null;
    if (answered !== null && now.monotonicMs - answered.atMs < group.detectionMs) {
      const { report } = answered;
      reads.push({ replica: id, report, wasSyncing: mayBeCutShort(run, id, report) });
      continue;
    }
    const report = context.vantages.newestAnswer(
      { group: group.key, replica: id },
      now.monotonicMs - group.detectionMs,
    );
    if (report !== null) reads.push({ replica: id, report, wasSyncing: mayBeCutShort(run, id, report) });
  }
  return reads;
}

/** Raises the leader's own floor: the highest offset that an acknowledging set is seen to hold. */
export function noteFloor(context: Context, group: BrokerGroup, run: GroupRun): void {
  const reports = new Map<ReplicaId, ServerReport>();
  for (const { id } of group.replicas) {
    const report = context.book.of({ group: group.key, replica: id })?.answered?.report;
    if (report !== undefined) reports.set(id, report);
  }
  const held = acknowledgedOffset(group, reports);
  if (held !== null && held > run.floor) run.floor = held;
}
