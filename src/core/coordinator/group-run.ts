/**
 * What a leader knows of one group beyond the replicated state: what it has asked for, and what came back. It is
 * forgotten with the term; a new leader starts from the committed phase and from evidence, and asks again.
 */
import type { SteeringProgress } from '../failover/change-step.ts';
import type { Finding } from '../failover/steering.ts';
import type { DeathKind } from '../liveness/death.ts';
import type { ServerReport } from '../liveness/observation.ts';
import type { Testimony } from '../liveness/testimony.ts';
import type { CommandType } from '../metadata/command.ts';
import type { BrokerGroup, HistoryCandidate, SuspicionOutcome } from '../metadata/state.ts';
import type { HistoryEvidence } from '../metadata/state-parts.ts';
import { unreachable } from '../primitives/assert.ts';
import type { Incarnation, NodeName, ReplicaId } from '../primitives/identifiers.ts';
import type { Asker } from './effects.ts';

/** One round of asking every node whether a replica is dead. */
export type ConfirmationRound = {
  readonly confirmId: number;
  readonly replica: ReplicaId;
  readonly incarnation: Incarnation;
  readonly startedMs: number;
  readonly startedWallMs: number;
  readonly suspicion: string;
  /** Each with the time at which it came. */
  readonly testimonies: Map<NodeName, { readonly word: Testimony; readonly wallMs: number }>;
};

/** A planned move of mastership between its request and the commit of FENCING. */
export type PlannedMove = {
  readonly to: ReplicaId;
  readonly by: string;
  /** Null: a drill made it, and reads off the group what came of it. */
  readonly asker: Asker | null;
  readonly startedMs: number;
  /** When the master confirmed that it holds writes back, and its place since then. */
  held: { readonly atMs: number; readonly offset: bigint } | null;
  /** When the slave was last probed because it has to catch up. */
  probedMs: number | null;
};

export type ChainGrant = { readonly incarnation: Incarnation; readonly inbound: readonly ReplicaId[] };

/** What a leader remembers of the looks at one server. */
export type ServerWatch = {
  dueMs: number;
  /** The process that the rest belongs to. */
  incarnation: Incarnation;
  /** At the first look; null before it. */
  first: { readonly administrators: readonly string[]; readonly fileWrites: number } | null;
  isFileSuspect: boolean;
  /** Attempts in a row to write the file that failed, and when the next may be made. */
  fileFailures: number;
  fileDueMs: number;
  findings: readonly Finding[];
};

/** What came of a suspicion that moved nothing. */
export type Noted = {
  readonly outcome: SuspicionOutcome;
  readonly reason: 'masterLost' | 'masterRestarted';
  readonly detail: string;
  readonly evidence: readonly HistoryEvidence[];
  readonly candidates: readonly HistoryCandidate[];
  readonly predictedLossBytes: bigint | null;
};

/** What the leader has written of the doubt about the running reign. */
export type OpenNote = {
  readonly recordId: string;
  readonly outcome: SuspicionOutcome;
  /** Outcomes that the record has named: the first of a kind never waits. */
  readonly named: ReadonlySet<SuspicionOutcome>;
  readonly atMs: number;
  readonly lines: number;
  /** Rounds that ended since, without a line. */
  readonly unwritten: number;
  readonly answersAgain: boolean;
};

export type Return = {
  /** Of the sync set that let it in. */
  readonly version: number;
  /** How often in a row it was let in and never came. */
  readonly vainTimes: number;
  /** It is not let in again before then. */
  readonly untilMs: number;
};

export type GroupRun = {
  /** Phase and epoch that the fields below belong to. */
  phaseKey: string;
  phaseSinceMs: number;
  /** A command of this group is on its way through consensus: decide nothing on the state that it will change. */
  proposedAtMs: number | null;
  /** Which kind it is: another one that is applied meanwhile (a client's, say) does not stand for it. */
  proposedType: CommandType | null;
  round: ConfirmationRound | null;
  /** The next round of confirmation may start then. */
  nextRoundMs: number;
  /** Evidence of a confirmed death that waits until promotion can be proven. */
  confirmed: {
    readonly replica: ReplicaId;
    readonly kind: DeathKind;
    readonly suspicion: string;
    readonly evidence: readonly HistoryEvidence[];
    readonly atMs: number;
    /** What was written down of it already. */
    readonly noted: SuspicionOutcome | null;
  } | null;
  /** Replicas revoked and read in this phase, by what they said after the revocation. */
  readonly reads: Map<ReplicaId, ServerReport>;
  /**
   * Replicas that were seen in a full resync shortly before they were revoked, with their place at that time: their
   * data may be half, unless they have left it.
   */
  readonly wasSyncing: Map<ReplicaId, Pick<ServerReport, 'lineage' | 'offset'>>;
  /** Replicas known to be fenced in this reign, with the process that was fenced. */
  readonly fenced: Map<ReplicaId, Incarnation>;
  /** The newest grant, or promotion, that the master confirmed. */
  granted: SteeringProgress['granted'];
  /** Inbound users that members confirmed for those that catch up below them; gone with the member's process. */
  readonly chainGrants: Map<ReplicaId, ChainGrant>;
  /** Whom a replica was told to follow not long ago: evidence needs a probe to show it. */
  readonly attached: Map<ReplicaId, { readonly address: string; readonly atMs: number }>;
  /** Not to be steered again before then, after a failure. */
  readonly retryAtMs: Map<ReplicaId, number>;
  /** Failures in a row, by server. */
  readonly failures: Map<ReplicaId, number>;
  /** Replicas that were let in under this leader; see vain-returns.ts. */
  readonly returns: Map<ReplicaId, Return>;
  /** Old masters whose tail was asked for, with the process that was. */
  readonly tailsTried: Map<ReplicaId, Incarnation>;
  /** What the slow looks at each server found. */
  readonly watches: Map<ReplicaId, ServerWatch>;
  /** Highest offset seen to be held by an acknowledging set in this reign. */
  floor: bigint;
  move: PlannedMove | null;
  /** Why the last planned move of this reign ended before FENCING was proposed. */
  moveGivenUp: string | null;
  /** What the history says of the doubt about the running reign. */
  note: OpenNote | null;
  /** No quorum found it dead so far; written down once the doubt ends like that, or lasts. */
  undecided: { readonly noted: Noted; readonly sinceMs: number } | null;
};

export const newGroupRun = (nowMs: number): GroupRun => ({
  phaseKey: '',
  phaseSinceMs: nowMs,
  proposedAtMs: null,
  proposedType: null,
  round: null,
  nextRoundMs: 0,
  confirmed: null,
  reads: new Map(),
  wasSyncing: new Map(),
  fenced: new Map(),
  granted: null,
  chainGrants: new Map(),
  attached: new Map(),
  retryAtMs: new Map(),
  failures: new Map(),
  returns: new Map(),
  watches: new Map(),
  tailsTried: new Map(),
  floor: 0n,
  move: null,
  moveGivenUp: null,
  note: null,
  undecided: null,
});

export const phaseKeyOf = (group: BrokerGroup): string =>
  group.phase.kind === 'active' ? `active:${group.epoch}` : `${group.phase.kind}:${group.phase.epoch}`;

/**
 * Forgets what belonged to an earlier phase. What is fenced stays fenced until a new reign grants anything; the floor is
 * that of the last reign until the next one is active, for it is while fencing that it is asked for.
 */
export function enterPhase(run: GroupRun, group: BrokerGroup, nowMs: number): void {
  const key = phaseKeyOf(group);
  if (run.phaseKey === key) return;
  run.phaseKey = key;
  run.phaseSinceMs = nowMs;
  run.round = null;
  run.confirmed = null;
  run.moveGivenUp = null;
  run.retryAtMs.clear();
  run.failures.clear();
  run.attached.clear();
  switch (group.phase.kind) {
    case 'active':
      // From here on servers follow somebody again: whether one is in a resync must be noted anew.
      run.reads.clear();
      run.floor = 0n;
      // A reign that was only seen to begin had no fencing before it.
      run.note = null;
      run.undecided = null;
      return;
    case 'fencing':
      run.reads.clear();
      run.fenced.clear();
      run.granted = null;
      run.chainGrants.clear();
      run.move = null;
      run.note = null;
      run.undecided = null;
      return;
    case 'promoting':
      return;
    default:
      unreachable(group.phase);
  }
}

/**
 * Remembers a full resync that is seen, for a revocation may cut it short; a link that is up shows that it is over. A
 * server that boots from its own file loads, too, and is in none. What was revoked and read is judged by that alone.
 */
export function noteResync(run: GroupRun, replica: ReplicaId, report: ServerReport): void {
  if (run.reads.has(replica)) return;
  if (report.follows?.syncing === true) run.wasSyncing.set(replica, report);
  else if (report.follows?.linkUp === true) run.wasSyncing.delete(replica);
}

/**
 * Whether a full resync that was seen may have been cut short. A server takes its master's lineage, or a further place on
 * its own, only once it has everything; so the probe that would have shown the finished resync need not have come.
 */
export function mayBeCutShort(run: GroupRun, replica: ReplicaId, report: ServerReport): boolean {
  const before = run.wasSyncing.get(replica);
  if (before === undefined) return false;
  if (report.lineage === before.lineage) return report.offset <= before.offset;
  // Made a master by hand it goes on from the lineage that it had.
  return report.secondLineage === before.lineage;
}
