/**
 * Consensus on one node: messages, proposals and the time go in; batches come out that say what must be on disk
 * before what may be sent. This file holds the ways between the roles and the life of a batch; what a role does is
 * in `election`, `follower` and `leadership`.
 */
import { assert, must, unreachable } from '../primitives/assert.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { SeededRandom } from '../primitives/seeded-random.ts';
import { Election } from './election.ts';
import { Follower, isWellFormed } from './follower.ts';
import { Leadership } from './leadership.ts';
import { NodeState } from './node-state.ts';
import type {
  Acknowledged,
  Ahead,
  RaftEntry,
  RaftMessage,
  RaftOptions,
  RaftSnapshot,
  RaftStatus,
  Ready,
  RestoredLog,
} from './types.ts';

/**
 * The caller restores its state machine from `restored.snapshot` itself; the committed entries after that come out
 * of the first batch. Times are monotonic milliseconds of one clock; one that is earlier than the last counts as the last.
 */
export type RaftCore = {
  /** Time passed: elections, heartbeats, check-quorum, lost snapshot answers. */
  tick(nowMs: number): void;
  /** A message of a peer. Messages that claim to come from this node itself, or from no voter, are ignored. */
  step(from: NodeName, message: RaftMessage, nowMs: number): void;
  /**
   * Appends commands when leader; returns the index of each. Null, and nothing was taken, when not leader, while
   * leadership is being handed over, or while `uncommittedBytes` wait for a majority.
   */
  propose(
    commands: readonly Uint8Array[],
    nowMs: number,
  ): { readonly term: number; readonly indexes: readonly number[] } | null;
  /**
   * Asks for a linearizable read. Its answer appears in `Acknowledged`. False when not leader, before the leader has
   * committed in its term, or when `readsWaiting` wait. A `readId` may be used again only after its answer.
   */
  requestRead(readId: number, nowMs: number): boolean;
  /**
   * Hands leadership to a voter that keeps up, the furthest when `to` is null; false when not leader or none is fit.
   * Given up after one election timeout.
   */
  transferLeadership(to: NodeName | null, nowMs: number): boolean;
  /**
   * A voter has lost its log and was let in again: where it stands is found out anew. Until it has acknowledged anew,
   * it counts for nothing that its former log did not hold.
   */
  forget(peer: NodeName): void;
  /** The state up to `index`, which was handed out, is in `data`; older entries may go. Written with the next batch. */
  compact(index: number, data: Uint8Array): void;
  hasReady(): boolean;
  /** With `gathers` a leader's messages stay for {@link RaftCore.takeAhead}, which has to be called soon. */
  takeReady(gathers?: boolean): Ready;
  acknowledge(): Acknowledged;
  /**
   * Whether this message may be stepped while a batch is out: the answer of a follower to the leader of this term. It
   * changes neither the log nor the term nor the vote, and nothing is promised because of it, so the batch on its way
   * to the disk stays what it was. With `propose` and `requestRead`, which only add, these are all inputs of a leader
   * under load; everything else waits for `acknowledge`.
   */
  mayStepAhead(message: RaftMessage): boolean;
  hasAhead(): boolean;
  /** So many of a leader's entries wait for its own disk that the next batch could not hold more. */
  isWriteDue(): boolean;
  /** What those inputs led to, while a batch is out: entries for followers, and commits that the own disk holds. */
  takeAhead(): Ahead;
  /** `matchIndex` is a live view. */
  status(): RaftStatus;
};

export type CreateRaftCore = (
  options: RaftOptions,
  restored: RestoredLog,
  random: SeededRandom,
  nowMs: number,
) => RaftCore;

export const createRaftCore: CreateRaftCore = (options, restored, random, nowMs) =>
  new Consensus(new NodeState(options, restored, random, nowMs));

type LeaderMessage = Extract<RaftMessage, { type: 'append' | 'snapshotChunk' }>;

const NOBODY: ReadonlyMap<NodeName, number> = new Map();

class Consensus implements RaftCore {
  readonly #state: NodeState;
  readonly #election: Election;
  readonly #follower: Follower;
  #leadership: Leadership | null = null;
  #isBatchOut = false;
  /** Last index that was handed out for application. */
  #appliedIndex: number;
  #refusedReads: number[] = [];

  constructor(state: NodeState) {
    this.#state = state;
    this.#election = new Election(state);
    this.#follower = new Follower(state);
    this.#appliedIndex = state.snapshot?.index ?? 0;
  }

  tick(nowMs: number): void {
    this.#takeInput(nowMs);
    if (this.#leadership === null) {
      if (this.#election.tick()) this.#election.campaign(false);
      return;
    }
    const outcome = this.#leadership.tick();
    switch (outcome) {
      case 'leads':
        return;
      case 'stepsDown':
        this.#follow(this.#state.term, null);
        return;
      case 'leadsAnew':
        this.#endLeadership();
        this.#election.campaign(true);
        return;
      default:
        unreachable(outcome);
    }
  }

  step(from: NodeName, message: RaftMessage, nowMs: number): void {
    if (this.mayStepAhead(message)) this.#hear(nowMs);
    else this.#takeInput(nowMs);
    if (!this.#state.peers.includes(from)) return;
    switch (message.type) {
      case 'preVote':
        this.#election.answerPreVote(from, message);
        return;
      case 'preVoteReply':
        this.#onPreVoteReply(from, message);
        return;
      case 'vote':
        if (this.#election.ignores(message)) return;
        this.#learnTerm(message.term);
        this.#election.answerVote(from, message);
        return;
      case 'voteReply':
        this.#learnTerm(message.term);
        if (this.#election.countVote(from, message)) this.#lead();
        return;
      case 'append':
        if (isWellFormed(message) && this.#followSender(from, message))
          this.#follower.onAppend(from, message);
        return;
      case 'snapshotChunk':
        if (this.#followSender(from, message)) this.#follower.onSnapshotChunk(from, message);
        return;
      case 'appendReply':
      case 'snapshotReply':
        this.#learnTerm(message.term);
        if (message.term === this.#state.term) this.#leadership?.onReply(from, message);
        return;
      case 'timeoutNow':
        if (message.term === this.#state.term && this.#state.leader === from) this.#election.campaign(true);
        return;
      default:
        unreachable(message);
    }
  }

  propose(
    commands: readonly Uint8Array[],
    nowMs: number,
  ): { readonly term: number; readonly indexes: readonly number[] } | null {
    this.#hear(nowMs);
    const indexes = this.#leadership?.propose(commands) ?? null;
    return indexes === null ? null : { term: this.#state.term, indexes };
  }

  requestRead(readId: number, nowMs: number): boolean {
    this.#hear(nowMs);
    return this.#leadership?.requestRead(readId) ?? false;
  }

  forget(peer: NodeName): void {
    this.#leadership?.forget(peer);
  }

  transferLeadership(to: NodeName | null, nowMs: number): boolean {
    this.#takeInput(nowMs);
    return this.#leadership?.transferTo(to) ?? false;
  }

  compact(index: number, data: Uint8Array): void {
    const state = this.#state;
    assert(!this.#isBatchOut, 'nothing is stepped while a batch is out');
    assert(data.byteLength <= state.limits.snapshotBytes, 'a snapshot is within its limit');
    // A leader's snapshot that came meanwhile is newer.
    if (index <= (state.snapshot?.index ?? 0)) return;
    assert(index <= this.#appliedIndex, 'only what was applied can be in a snapshot');
    const term = state.log.termAt(index);
    assert(term !== null, 'the last entry of a new snapshot is held');
    const snapshot: RaftSnapshot = { index, term, data };
    state.snapshot = snapshot;
    state.durability.ownSnapshot(snapshot);
    const entries = state.limits.entriesKeptBehindSnapshot;
    const bytes = state.limits.bytesKeptBehindSnapshot;
    state.log.dropThrough(state.log.lastToSpare(index, { entries, bytes }));
  }

  hasReady(): boolean {
    const state = this.#state;
    return (
      !state.outbox.isEmpty ||
      this.#leadership?.isSendDue === true ||
      this.#appliedIndex < state.durableCommitIndex ||
      this.#refusedReads.length > 0 ||
      state.durability.needsWrite(state.term, state.votedFor)
    );
  }

  takeReady(gathers = false): Ready {
    assert(!this.#isBatchOut, 'at most one batch is out');
    this.#isBatchOut = true;
    if (!gathers) this.#leadership?.collect();
    const mostEntries = this.#leadership?.entriesPerWrite ?? Number.POSITIVE_INFINITY;
    return {
      messagesNow: this.#state.outbox.takeNow(),
      persist: this.#state.durability.take(this.#state.hardState, mostEntries),
    };
  }

  mayStepAhead(message: RaftMessage): boolean {
    const isAnswer = message.type === 'appendReply' || message.type === 'snapshotReply';
    return isAnswer && this.#leadership !== null && message.term <= this.#state.term;
  }

  isWriteDue(): boolean {
    const { log, durability } = this.#state;
    const fullWrite = this.#leadership?.entriesPerWrite ?? Number.POSITIVE_INFINITY;
    return log.lastIndex - durability.persistedIndex >= fullWrite;
  }

  hasAhead(): boolean {
    // A follower's batch may hold a snapshot that took the place of what it has not applied yet.
    if (this.#leadership === null) return false;
    return this.#leadership.isSendDue || this.#appliedIndex < this.#state.durableCommitIndex;
  }

  takeAhead(): Ahead {
    assert(this.#isBatchOut, 'without a batch that is out there is nothing to be ahead of');
    const leadership = must(this.#leadership, 'only a leader goes ahead');
    leadership.collect();
    return {
      messagesNow: this.#state.outbox.takeNow(),
      committed: this.#takeCommitted(),
      confirmedReads: leadership.takeConfirmedReads(),
    };
  }

  acknowledge(): Acknowledged {
    assert(this.#isBatchOut, 'only a batch that is out is acknowledged');
    this.#isBatchOut = false;
    const snapshotToRestore = this.#state.durability.settle();
    if (snapshotToRestore !== null) this.#appliedIndex = snapshotToRestore.index;
    const messages = this.#state.outbox.takeAfterPersist();
    if (this.#election.countOwnVote()) this.#lead();
    this.#leadership?.advanceCommit();
    const refusedReads = this.#refusedReads;
    this.#refusedReads = [];
    return {
      messages,
      snapshotToRestore,
      committed: this.#takeCommitted(),
      confirmedReads: this.#leadership?.takeConfirmedReads() ?? [],
      refusedReads,
    };
  }

  status(): RaftStatus {
    const { role, term, leader, durableCommitIndex, log, snapshot } = this.#state;
    return {
      role,
      term,
      leader,
      commitIndex: durableCommitIndex,
      appliedIndex: this.#appliedIndex,
      lastIndex: log.lastIndex,
      snapshotIndex: snapshot?.index ?? 0,
      leaseUntilMs: this.#leadership?.leaseUntilMs ?? 0,
      hasCommittedInTerm: this.#leadership?.hasCommittedInTerm ?? false,
      matchIndex: this.#leadership?.matchIndex ?? NOBODY,
    };
  }

  #takeInput(nowMs: number): void {
    assert(!this.#isBatchOut, 'nothing else is stepped while a batch is out');
    this.#hear(nowMs);
  }

  #hear(nowMs: number): void {
    this.#state.nowMs = Math.max(this.#state.nowMs, nowMs);
  }

  #takeCommitted(): readonly RaftEntry[] {
    const { log, durableCommitIndex, limits } = this.#state;
    const first = this.#appliedIndex + 1;
    const last = Math.min(durableCommitIndex, this.#appliedIndex + limits.entriesPerApply);
    if (last < first) return [];
    this.#appliedIndex = last;
    return log.slice(first, last);
  }

  /** A refusal may tell a later term: the question is asked again at once, for a term that can be had. */
  #onPreVoteReply(from: NodeName, message: Extract<RaftMessage, { type: 'preVoteReply' }>): void {
    if (message.granted) {
      if (this.#election.countPreVote(from, message)) this.#election.campaign(false);
      return;
    }
    const isAsking = this.#state.role === 'preCandidate';
    if (this.#learnTerm(message.term) && isAsking) this.#election.startPreVote();
  }

  /** True when the term was later than this node's, which then follows nobody in it. */
  #learnTerm(term: number): boolean {
    if (term <= this.#state.term) return false;
    this.#follow(term, null);
    return true;
  }

  /** False for a leader of an earlier term, which is told. */
  #followSender(from: NodeName, message: LeaderMessage): boolean {
    const state = this.#state;
    if (message.term < state.term) {
      this.#follower.answerDeposed(from, message);
      return false;
    }
    if (message.term > state.term || state.leader !== from) {
      assert(message.term > state.term || state.leader === null, `two leaders in term ${message.term}`);
      this.#follow(message.term, from);
    }
    state.role = 'follower';
    state.heardLeader();
    return true;
  }

  #follow(term: number, leader: NodeName | null): void {
    const state = this.#state;
    this.#endLeadership();
    if (term > state.term) state.enterTerm(term);
    state.role = 'follower';
    state.leader = leader;
    state.resetElectionTimer();
  }

  #lead(): void {
    const state = this.#state;
    state.role = 'leader';
    state.leader = state.options.self;
    this.#leadership = new Leadership(state);
  }

  #endLeadership(): void {
    if (this.#leadership === null) return;
    this.#refusedReads = this.#refusedReads.concat(this.#leadership.end());
    this.#leadership = null;
  }
}
