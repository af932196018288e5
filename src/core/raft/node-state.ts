/**
 * What every part of consensus on this node shares: who it is, its term and vote, its log, and the time as last heard.
 * Only `RaftCore` moves it from one role to another.
 */
import { assert } from '../primitives/assert.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { SeededRandom } from '../primitives/seeded-random.ts';
import { Durability } from './durability.ts';
import { Outbox } from './outbox.ts';
import { majorityOf } from './quorum.ts';
import { RaftLog } from './raft-log.ts';
import type {
  HardState,
  RaftLimits,
  RaftOptions,
  RaftRole,
  RaftSnapshot,
  RestoredLog,
  SnapshotMeta,
} from './types.ts';

const LARGEST_GROUP = 5;
const NOTHING: SnapshotMeta = { index: 0, term: 0 };

export class NodeState {
  readonly options: RaftOptions;
  readonly limits: RaftLimits;
  readonly random: SeededRandom;
  readonly peers: readonly NodeName[];
  readonly majority: number;
  readonly log: RaftLog;
  readonly durability: Durability;
  readonly outbox = new Outbox();
  nowMs: number;
  term: number;
  votedFor: NodeName | null;
  role: RaftRole = 'follower';
  leader: NodeName | null = null;
  /** Known to be committed; a follower may know it before its own disk holds those entries. */
  commitIndex: number;
  /** Newest snapshot of this node, for followers that need entries which are gone. */
  snapshot: RaftSnapshot | null;
  electionDeadlineMs = 0;
  /**
   * When a leader of any term was last heard. Never taken back by a new term: what was promised to an old leader's
   * lease holds for one election timeout. A node that starts with a term may have promised just before it went
   * down, so it counts its start as such a moment; one without a term has never answered anybody.
   */
  #heardLeaderMs: number;

  constructor(options: RaftOptions, restored: RestoredLog, random: SeededRandom, nowMs: number) {
    assertOptions(options);
    this.options = options;
    this.limits = { ...LIMITS, ...options.limits };
    this.random = random;
    this.peers = options.voters.filter((voter) => voter !== options.self);
    this.majority = majorityOf(options.voters.length);
    const { hardState, snapshot } = restored;
    this.log = restoredLog(restored);
    this.durability = new Durability(this.log, hardState);
    this.nowMs = nowMs;
    this.term = hardState.term;
    this.votedFor = hardState.votedFor;
    this.commitIndex = Math.max(hardState.commitIndex, snapshot?.index ?? 0);
    this.snapshot = snapshot;
    this.#heardLeaderMs = hardState.term > 0 && !this.isAlone ? nowMs : Number.NEGATIVE_INFINITY;
    assert(this.commitIndex <= this.log.lastIndex, 'committed entries are on the disk that says so');
    assert(this.log.lastTerm <= this.term, 'no entry is of a later term than its node');
    // Nobody else can have been promised anything, so a single voter need not wait.
    if (this.isAlone) this.electionDeadlineMs = nowMs;
    else this.resetElectionTimer();
  }

  get isAlone(): boolean {
    return this.peers.length === 0;
  }

  /** Committed, and held by this node's own disk (invariant 3). */
  get durableCommitIndex(): number {
    return Math.min(this.commitIndex, this.durability.persistedIndex);
  }

  get hardState(): HardState {
    return { term: this.term, votedFor: this.votedFor, commitIndex: this.commitIndex };
  }

  /**
   * Leader stickiness: a leader may act on a lease that rests on this node's silence towards others. Every voter
   * keeps it for a whole election timeout by its own clock; the leader's lease is shorter by the drift.
   */
  get standsByLeader(): boolean {
    return this.role === 'leader' || this.nowMs - this.#heardLeaderMs < this.options.electionTimeoutMs;
  }

  heardLeader(): void {
    this.#heardLeaderMs = this.nowMs;
    this.resetElectionTimer();
  }

  resetElectionTimer(): void {
    const { electionTimeoutMs } = this.options;
    this.electionDeadlineMs = this.nowMs + electionTimeoutMs * (1 + this.random.next());
  }

  /** Takes a later term, in which nothing has been voted yet. */
  enterTerm(term: number): void {
    assert(term > this.term, `term ${term} is not past ${this.term}`);
    this.term = term;
    this.votedFor = null;
    this.leader = null;
  }

  learnCommit(index: number): void {
    if (index > this.commitIndex) this.commitIndex = index;
  }
}

function restoredLog({ snapshot, entries }: RestoredLog): RaftLog {
  const log = new RaftLog(snapshot ?? NOTHING);
  for (const entry of entries) {
    if (entry.index > log.baseIndex) log.append(entry);
  }
  return log;
}

function assertOptions({
  self,
  voters,
  electionTimeoutMs,
  heartbeatIntervalMs,
  clockDriftRatio,
}: RaftOptions): void {
  assert(voters.length % 2 === 1 && voters.length <= LARGEST_GROUP, 'there are 1, 3 or 5 voters');
  assert(new Set(voters).size === voters.length, 'every voter is named once');
  assert(voters.includes(self), 'a node is one of its voters');
  assert(
    heartbeatIntervalMs > 0 && heartbeatIntervalMs * 2 <= electionTimeoutMs,
    'two heartbeats fit into an election timeout',
  );
  assert(clockDriftRatio >= 0 && clockDriftRatio < 1, 'the clock drift is a share of the election timeout');
}
