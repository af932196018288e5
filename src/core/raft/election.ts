/**
 * How a node comes to lead: it asks whether it could win (pre-vote), which changes nothing anywhere; then it takes a
 * new term, votes for itself, and asks for votes once its own is on disk. A voter gives one vote a term, only to a
 * log that covers its own, and none while it stands by a leader, unless that leader itself asked for the change.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { NodeState } from './node-state.ts';
import type { RaftMessage } from './types.ts';

type Message<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>;

export class Election {
  readonly #state: NodeState;
  #granted = new Set<NodeName>();
  #retryMs = 0;
  /** This campaign was asked for by the leader, which has given up its lease. */
  #isTransfer = false;

  constructor(state: NodeState) {
    this.#state = state;
  }

  /** Starts a pre-vote when the leader is overdue, and repeats requests that may be lost. True when alone: won. */
  tick(): boolean {
    const state = this.#state;
    if (state.nowMs >= state.electionDeadlineMs) return this.startPreVote();
    if (state.role !== 'follower' && state.nowMs >= this.#retryMs) this.#askAgain();
    return false;
  }

  /** True when this node's own answer is already a majority. */
  startPreVote(): boolean {
    const state = this.#state;
    state.role = 'preCandidate';
    state.leader = null;
    state.resetElectionTimer();
    this.#granted = new Set([state.options.self]);
    this.#isTransfer = false;
    if (this.#isWon) return true;
    this.#askAgain();
    return false;
  }

  /** Takes a new term and votes for itself; the vote counts, and the requests leave, once it is on disk. */
  campaign(isTransfer: boolean): void {
    const state = this.#state;
    state.enterTerm(state.term + 1);
    state.role = 'candidate';
    state.votedFor = state.options.self;
    state.resetElectionTimer();
    this.#granted = new Set();
    this.#isTransfer = isTransfer;
    this.#askAgain();
  }

  answerPreVote(from: NodeName, message: Message<'preVote'>): void {
    const state = this.#state;
    const granted =
      !state.standsByLeader &&
      message.term > state.term &&
      state.log.isCoveredBy(message.lastIndex, message.lastTerm);
    // A refusal tells this node's own term, so that one that fell behind asks for a term that can be had.
    const term = granted ? message.term : state.term;
    state.outbox.sendNow(from, { type: 'preVoteReply', term, granted });
  }

  /** True when the pre-vote is won with this answer. */
  countPreVote(from: NodeName, message: Message<'preVoteReply'>): boolean {
    const state = this.#state;
    if (state.role !== 'preCandidate' || !message.granted || message.term !== state.term + 1) return false;
    this.#granted.add(from);
    return this.#isWon;
  }

  /** Such a request is not even looked at: its term must not depose a leader that is alive. */
  ignores(message: Message<'vote'>): boolean {
    return this.#state.standsByLeader && !message.transfer;
  }

  /** The message's term has been taken by the caller where it was later. */
  answerVote(from: NodeName, message: Message<'vote'>): void {
    const state = this.#state;
    const granted =
      message.term === state.term &&
      (state.votedFor === null || state.votedFor === from) &&
      state.log.isCoveredBy(message.lastIndex, message.lastTerm);
    if (granted) {
      state.votedFor = from;
      state.resetElectionTimer();
    }
    state.outbox.sendAfterPersist(from, { type: 'voteReply', term: state.term, granted });
  }

  /** True when the election is won with this answer. */
  countVote(from: NodeName, message: Message<'voteReply'>): boolean {
    const state = this.#state;
    if (state.role !== 'candidate' || !message.granted || message.term !== state.term) return false;
    this.#granted.add(from);
    return this.#isWon;
  }

  /** Counts the own vote if it is on disk; true when the election is won with it. */
  countOwnVote(): boolean {
    const state = this.#state;
    const { written } = state.durability;
    const { self } = state.options;
    if (state.role !== 'candidate' || written.term !== state.term || written.votedFor !== self) return false;
    this.#granted.add(self);
    return this.#isWon;
  }

  get #isWon(): boolean {
    return this.#granted.size >= this.#state.majority;
  }

  #askAgain(): void {
    const state = this.#state;
    this.#retryMs = state.nowMs + state.options.heartbeatIntervalMs * (1 + state.random.next());
    const { lastIndex, lastTerm } = state.log;
    for (const peer of state.peers) {
      if (this.#granted.has(peer)) continue;
      if (state.role === 'preCandidate')
        state.outbox.sendNow(peer, { type: 'preVote', term: state.term + 1, lastIndex, lastTerm });
      else
        state.outbox.sendAfterPersist(peer, {
          type: 'vote',
          term: state.term,
          lastIndex,
          lastTerm,
          transfer: this.#isTransfer,
        });
    }
  }
}
