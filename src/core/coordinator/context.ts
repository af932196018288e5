/**
 * What the coordinator's rules work with: the state to read, the evidence, the hand on the brokers, and the list that
 * their wishes go to. One object a node; the rules are functions over it, so that each can stand in a file of its own.
 */

import type { SteerAction } from '../failover/steering.ts';
import type { EvidenceBook } from '../liveness/evidence.ts';
import type { Command } from '../metadata/command.ts';
import { findGroup, findReplica } from '../metadata/queries.ts';
import type { BrokerGroup, MetadataState, OperatorToken, Site, TierMember } from '../metadata/state.ts';
import type { AlertCode } from '../primitives/alert-code.ts';
import type {
  GroupKey,
  Incarnation,
  NodeName,
  ReplicaId,
  SiteName,
  Term,
} from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { refused } from '../primitives/refusal.ts';
import type { AlertBoard } from './alert-board.ts';
import type { Asker, CoordinatorEffect, LogLevel } from './effects.ts';
import { type GroupRun, newGroupRun, type PlannedMove } from './group-run.ts';
import { createPreflightClaims } from './preflight-claims.ts';
import { Resyncs } from './resyncs.ts';
import type { SteeringDesk, SteeringDeskPorts } from './steering-desk.ts';
import type { Vantages } from './vantages.ts';

export type CoordinatorOptions = {
  readonly self: NodeName;
  readonly site: SiteName;
  /** All voters with their sites, self included. */
  readonly voters: readonly { readonly node: NodeName; readonly site: SiteName }[];
  /** What this node would make the tier's first command, should it lead a tier without one. */
  readonly bootstrap: {
    readonly tierId: string;
    readonly sites: readonly Site[];
    readonly members: readonly TierMember[];
    readonly token: OperatorToken;
  };
  /** Prefix of record ids; random for each process, so that ids never repeat. */
  readonly idPrefix: string;
  readonly probeIntervalMs: number;
};

/** Leadership as the coordinator sees it; `leading` only once an entry of the own term is applied. */
export type Leadership = {
  readonly term: Term;
  readonly leader: NodeName | null;
  readonly leading: boolean;
  readonly leaseUntilMs: number;
};

/** A command that was proposed and not seen applied within this time is proposed again by its rule. */
const PROPOSAL_PATIENCE_MS = 2_000;
/**
 * Pauses before a server that failed an action is asked again: twice as long after every further failure, so that a
 * thousand servers that are gone cost a leader next to nothing.
 */
const STEER_RETRY_MS = { first: 200, longest: 3_200 } as const;

export class Context {
  readonly options: CoordinatorOptions;
  readonly state: () => MetadataState;
  readonly book: EvidenceBook;
  readonly desk: SteeringDesk;
  readonly alerts: AlertBoard;
  readonly vantages: Vantages;
  readonly claims = createPreflightClaims();
  readonly resyncs = new Resyncs();
  readonly runs = new Map<GroupKey, GroupRun>();
  /** Who waits for a move's FENCING to be committed, by history record. */
  readonly moveAskers = new Map<string, Asker>();
  leadership: Leadership;
  /** Where the next portion of shared evidence begins. */
  shareCursor = 0;
  /** End of the last stall of this process or jump of its clocks: it must not accuse anybody soon after. */
  stalledUntilMs: number | null = null;
  /** When this leader last asked another node to take its place. */
  handedOverMs = Number.NEGATIVE_INFINITY;
  /** When a leader last looked whether it sees any broker at all. */
  lookedForSuccessorMs = Number.NEGATIVE_INFINITY;
  /** Since when this node watches each group without a gap. */
  readonly watchingSinceMs = new Map<GroupKey, number>();
  /** Notes of suspicions in the second that runs. */
  #notes = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };
  /** When each peer was last heard, whatever it said. */
  readonly peerHeardMs = new Map<NodeName, number>();
  #out: CoordinatorEffect[] = [];
  #nextId = 1;

  constructor(
    options: CoordinatorOptions,
    state: () => MetadataState,
    parts: {
      book: EvidenceBook;
      desk: (ports: SteeringDeskPorts) => SteeringDesk;
      alerts: AlertBoard;
      vantages: Vantages;
    },
    leadership: Leadership,
  ) {
    this.options = options;
    this.state = state;
    this.book = parts.book;
    this.desk = parts.desk({
      takeId: () => this.takeId(),
      isWatchOnly: (group) => findGroup(state(), group)?.watchOnly === true,
    });
    this.alerts = parts.alerts;
    this.vantages = parts.vantages;
    this.leadership = leadership;
  }

  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  /** Whether this node may act on the outside world at this moment. */
  leads(now: Instant): boolean {
    return this.leadership.leading && now.monotonicMs < this.leadership.leaseUntilMs;
  }

  emit(effect: CoordinatorEffect): void {
    this.#out.push(effect);
  }

  takeEffects(): CoordinatorEffect[] {
    const effects = this.#out;
    this.#out = [];
    return effects;
  }

  log(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
    this.emit({ kind: 'log', level, event, fields });
  }

  run(group: GroupKey, now: Instant): GroupRun {
    let run = this.runs.get(group);
    if (run === undefined) {
      run = newGroupRun(now.monotonicMs);
      this.runs.set(group, run);
    }
    return run;
  }

  /** Proposes a command of a group; its rules rest until it is applied, or until it must be taken for lost. */
  propose(run: GroupRun, command: Command, now: Instant, asker: Asker | null = null): void {
    run.proposedAtMs = now.monotonicMs;
    run.proposedType = command.type;
    this.emit({ kind: 'propose', command, asker });
  }

  awaitsProposal(run: GroupRun, now: Instant): boolean {
    return run.proposedAtMs !== null && now.monotonicMs - run.proposedAtMs < PROPOSAL_PATIENCE_MS;
  }

  /**
   * Asks for one action on one server of a group, through a node that can reach it. Returns false when nothing was
   * issued: no lease, another action is out, or a failure was too recent.
   */
  steer(group: BrokerGroup, run: GroupRun, id: ReplicaId, action: SteerAction, now: Instant): boolean {
    const replica = findReplica(group, id);
    if (replica === null || !this.leads(now)) return false;
    if ((run.retryAtMs.get(id) ?? 0) > now.monotonicMs) return false;
    const ref = { group: group.key, replica: id };
    const effect = this.desk.issue({ ref, address: replica.endpoints.client, broker: group.kind }, action, {
      term: this.leadership.term,
      nowMs: now.monotonicMs,
      via: this.viaFor(group, id, now),
      phaseKey: run.phaseKey,
    });
    if (effect === null) return false;
    this.emit(effect);
    return true;
  }

  retryLater(run: GroupRun, id: ReplicaId, now: Instant): void {
    const failures = run.failures.get(id) ?? 0;
    run.failures.set(id, failures + 1);
    const pauseMs = Math.min(STEER_RETRY_MS.longest, STEER_RETRY_MS.first * 2 ** failures);
    run.retryAtMs.set(id, now.monotonicMs + pauseMs);
  }

  /** Null: from here. A server that does not answer this node is steered through one that it does answer, if any. */
  viaFor(group: BrokerGroup, id: ReplicaId, now: Instant): NodeName | null {
    const ref = { group: group.key, replica: id };
    const heardAtMs = this.book.of(ref)?.heardAtMs ?? Number.NEGATIVE_INFINITY;
    if (now.monotonicMs - heardAtMs < group.detectionMs) return null;
    return this.vantages.nodeThatReaches(ref, now.monotonicMs);
  }

  /** True where the alert was not up before. `replica`: the server that it is about, where one a group is not enough. */
  raise(
    group: GroupKey,
    code: AlertCode,
    message: string,
    now: Instant,
    replica: ReplicaId | null = null,
  ): boolean {
    if (!this.alerts.raise({ group, code, replica }, message, now)) return false;
    this.log('warn', 'alert.raised', { group, code, message });
    this.emit({
      kind: 'publish',
      event: { type: 'alert', index: this.state().appliedIndex, group, message },
    });
    return true;
  }

  lower(group: GroupKey, code: AlertCode, replica: ReplicaId | null = null): void {
    if (this.alerts.lower({ group, code, replica })) this.log('info', 'alert.lowered', { group, code });
  }

  /** A planned move that ends before its FENCING was proposed: whoever asked for it is told. */
  answerMove(move: PlannedMove | null, why: string): void {
    if (move === null || move.asker === null) return;
    this.emit({ kind: 'reply', asker: move.asker, reply: refused('busy', `The move was given up: ${why}.`) });
  }

  forgetGroup(group: GroupKey): void {
    this.answerMove(this.runs.get(group)?.move ?? null, `${group} was removed`);
    this.runs.delete(group);
    this.alerts.dropGroup(group);
    this.vantages.dropGroup(group);
    this.watchingSinceMs.delete(group);
  }

  /** Takes one of the notes of suspicions that may be committed in a second. */
  mayNote(now: Instant): boolean {
    if (now.monotonicMs - this.#notes.sinceMs >= 1_000) this.#notes = { sinceMs: now.monotonicMs, count: 0 };
    if (this.#notes.count >= LIMITS.notesPerSecond) return false;
    this.#notes.count += 1;
    return true;
  }

  newRecordId(): string {
    return `${this.options.idPrefix}-${this.takeId()}`;
  }

  /** The process that answered last on this replica; null when it never answered here. */
  seenIncarnation(group: GroupKey, replica: ReplicaId): Incarnation | null {
    return this.book.of({ group, replica })?.answered?.report.incarnation ?? null;
  }
}
