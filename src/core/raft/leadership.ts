/**
 * One node's leadership in one term: what it takes, what counts as committed, whether it still leads, what it may act
 * on, and how it hands over. It ends when a later term is heard of or a majority is not.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { NodeState } from './node-state.ts';
import type { Progress } from './progress.ts';
import { ReadQueue } from './read-queue.ts';
import { Replication } from './replication.ts';
import type { RaftMessage } from './types.ts';

const NO_DATA = new Uint8Array(0);

/** What a tick may ask of `RaftCore`: nothing, to follow, or to take the next term itself. */
type LeaderTick = 'leads' | 'stepsDown' | 'leadsAnew';

export class Leadership {
  readonly #state: NodeState;
  readonly #replication: Replication;
  readonly #reads: ReadQueue;
  /** The first entry of its own term: once that is committed, so is all before it. */
  readonly #firstIndex: number;
  #uncommittedBytes = 0;
  #nextHeartbeatMs: number;
  #isBroadcastDue = false;
  #isSendDue = true;
  #leaseUntilMs = 0;
  #transfer: { readonly to: NodeName; readonly deadlineMs: number } | null = null;
  /** From the moment it leaves, another node may be elected at once, however late the message arrives. */
  #timeoutNowSent = false;

  constructor(state: NodeState) {
    this.#state = state;
    this.#replication = new Replication(state);
    this.#reads = new ReadQueue(state.limits.readsWaiting);
    this.#firstIndex = state.log.lastIndex + 1;
    this.#nextHeartbeatMs = state.nowMs + state.options.heartbeatIntervalMs;
    state.log.append({ index: this.#firstIndex, term: state.term, kind: 'empty', data: NO_DATA });
  }

  get hasCommittedInTerm(): boolean {
    return this.#state.commitIndex >= this.#firstIndex;
  }

  get matchIndex(): ReadonlyMap<NodeName, number> {
    return this.#replication.matchIndex;
  }

  get isSendDue(): boolean {
    return this.#isSendDue || this.#isBroadcastDue;
  }

  get leaseUntilMs(): number {
    return this.#timeoutNowSent ? 0 : this.#leaseUntilMs;
  }

  tick(): LeaderTick {
    const { nowMs, options } = this.#state;
    if (!this.#replication.isHeardByMajority()) return 'stepsDown';
    if (this.#transfer !== null && nowMs >= this.#transfer.deadlineMs) {
      // The lease of this term is gone for good, so this node takes a new term rather than lead on without one.
      if (this.#timeoutNowSent) return 'leadsAnew';
      this.#transfer = null;
    }
    if (nowMs >= this.#nextHeartbeatMs) {
      this.#nextHeartbeatMs = nowMs + options.heartbeatIntervalMs;
      this.#isBroadcastDue = true;
    }
    if (this.#replication.hasOverdueChunk()) this.#isSendDue = true;
    return 'leads';
  }

  /** Index of each command; null while leadership is being handed over or too much waits for a majority. */
  propose(commands: readonly Uint8Array[]): readonly number[] | null {
    const { log, term, limits } = this.#state;
    if (this.#transfer !== null || this.#uncommittedBytes >= limits.uncommittedBytes) return null;
    const indexes: number[] = [];
    for (const data of commands) {
      const index = log.lastIndex + 1;
      log.append({ index, term, kind: 'command', data });
      indexes.push(index);
      this.#uncommittedBytes += data.byteLength;
    }
    this.#isSendDue = true;
    return indexes;
  }

  requestRead(readId: number): boolean {
    if (!this.hasCommittedInTerm) return false;
    if (!this.#reads.add(readId, this.#state.commitIndex, this.#replication.currentRound)) return false;
    this.#isBroadcastDue = true;
    return true;
  }

  transferTo(to: NodeName | null): boolean {
    if (this.#transfer !== null) return to === null || to === this.#transfer.to;
    const target = to === null ? this.#fittest() : this.#isFit(to) ? to : null;
    if (target === null) return false;
    const { nowMs, options } = this.#state;
    this.#transfer = { to: target, deadlineMs: nowMs + options.electionTimeoutMs };
    this.#handOverWhenCaughtUp();
    return true;
  }

  onReply(from: NodeName, message: Extract<RaftMessage, { type: 'appendReply' | 'snapshotReply' }>): void {
    if (message.type === 'appendReply') this.#replication.onAppendReply(from, message);
    else this.#replication.onSnapshotReply(from, message);
    this.#isSendDue = true;
    this.advanceCommit();
    this.#renewLease();
    this.#handOverWhenCaughtUp();
  }

  /**
   * An entry of this term that a majority holds is committed, and all before it; entries of earlier terms are never
   * counted by themselves (section 5.4.2). Never past this node's own disk (invariant 3).
   */
  advanceCommit(): void {
    const state = this.#state;
    const index = Math.min(this.#replication.matchedByMajority(), state.durability.persistedIndex);
    if (index <= state.commitIndex || state.log.termAt(index) !== state.term) return;
    const firstNew = Math.max(state.commitIndex + 1, this.#firstIndex);
    for (let position = firstNew; position <= index; position += 1)
      this.#uncommittedBytes -= state.log.entryAt(position).data.byteLength;
    state.learnCommit(index);
    this.#isSendDue = true;
  }

  /**
   * Entries that one message, and one batch of this node's own, should hold at most: half of what is under way, so
   * that while one half is on the disks the other one keeps the processors busy; but never so few that the cost of a
   * write is borne by a handful.
   */
  get entriesPerWrite(): number {
    const { log, commitIndex, limits, isAlone } = this.#state;
    if (isAlone) return Number.POSITIVE_INFINITY;
    return Math.max(limits.entriesWorthAWrite, Math.ceil((log.lastIndex - commitIndex) / 2));
  }

  /** Queues what the followers should be sent now. */
  collect(): void {
    if (!this.isSendDue) return;
    const entriesPerAppend = Math.min(this.entriesPerWrite, this.#state.limits.entriesPerAppend);
    this.#replication.collect(this.#isBroadcastDue, entriesPerAppend);
    this.#isSendDue = false;
    this.#isBroadcastDue = false;
    this.#renewLease();
  }

  takeConfirmedReads(): readonly { readonly readId: number; readonly index: number }[] {
    return this.#reads.isEmpty ? [] : this.#reads.confirmedBy(this.#replication.answeredByMajority());
  }

  /** Ids of reads that this leader will not confirm any more. */
  end(): number[] {
    return this.#reads.takeAll().map(({ readId }) => readId);
  }

  /**
   * Each of the majority that answered round r has promised to stand by this leader for one election timeout from a
   * time after r began; two majorities share a voter, so nobody else is elected before that is over.
   */
  #renewLease(): void {
    const { electionTimeoutMs, clockDriftRatio } = this.#state.options;
    const begunMs = this.#replication.begunMs(this.#replication.answeredByMajority());
    if (begunMs === null) return;
    this.#leaseUntilMs = Math.max(this.#leaseUntilMs, begunMs + electionTimeoutMs * (1 - clockDriftRatio));
  }

  #handOverWhenCaughtUp(): void {
    const { log, outbox, term } = this.#state;
    if (this.#transfer === null || this.#timeoutNowSent) return;
    if (this.#replication.progressOf(this.#transfer.to)?.matchIndex !== log.lastIndex) return;
    this.#timeoutNowSent = true;
    outbox.sendNow(this.#transfer.to, { type: 'timeoutNow', term });
  }

  #isFit(peer: NodeName): boolean {
    const progress = this.#replication.progressOf(peer);
    return progress !== undefined && this.#isFollowing(progress);
  }

  #isFollowing(progress: Progress): boolean {
    return progress.phase === 'replicate' && this.#replication.isHeard(progress);
  }

  #fittest(): NodeName | null {
    let fittest: NodeName | null = null;
    let furthest = -1;
    for (const peer of this.#state.peers) {
      const progress = this.#replication.progressOf(peer);
      if (progress === undefined || !this.#isFollowing(progress) || progress.matchIndex <= furthest) continue;
      fittest = peer;
      furthest = progress.matchIndex;
    }
    return fittest;
  }
}
