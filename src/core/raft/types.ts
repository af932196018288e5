/**
 * What goes into consensus and what comes out. The core does no IO: `RaftCore` takes messages, proposals and
 * the time, and yields a {@link Ready} that states what must be on disk before what may be sent.
 *
 * Invariants of the log, numbered as the code and tests cite them:
 *  1. Entries are consecutive: entry i+1 follows entry i, the first follows the snapshot.
 *  2. Terms never fall along the log.
 *  3. commitIndex <= last index that this node has persisted.
 *  4. A vote, a term and the entries that depend on them are persisted in one synced batch.
 */
import type { NodeName } from '../primitives/identifiers.ts';

export type RaftEntry = {
  readonly index: number;
  readonly term: number;
  /** `empty` is the entry that a new leader appends so that earlier terms become committable. */
  readonly kind: 'empty' | 'command';
  readonly data: Uint8Array;
};

export type HardState = {
  readonly term: number;
  readonly votedFor: NodeName | null;
  readonly commitIndex: number;
};

export type SnapshotMeta = { readonly index: number; readonly term: number };
export type RaftSnapshot = SnapshotMeta & { readonly data: Uint8Array };

/** What a node finds on its disk at start. `entries` follow the snapshot without a gap. */
export type RestoredLog = {
  readonly hardState: HardState;
  readonly snapshot: RaftSnapshot | null;
  readonly entries: readonly RaftEntry[];
};

export type RaftMessage =
  | { readonly type: 'preVote'; readonly term: number; readonly lastIndex: number; readonly lastTerm: number }
  | { readonly type: 'preVoteReply'; readonly term: number; readonly granted: boolean }
  | {
      readonly type: 'vote';
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
      readonly transfer: boolean;
    }
  | { readonly type: 'voteReply'; readonly term: number; readonly granted: boolean }
  | {
      readonly type: 'append';
      readonly term: number;
      readonly previousIndex: number;
      readonly previousTerm: number;
      readonly commitIndex: number;
      readonly entries: readonly RaftEntry[];
      /** Leader's count of rounds; the answer repeats it, which is what leases and reads are counted by. */
      readonly round: number;
    }
  | {
      readonly type: 'appendReply';
      readonly term: number;
      readonly round: number;
      readonly outcome:
        | { readonly accepted: true; readonly matchIndex: number }
        | {
            readonly accepted: false;
            readonly rejectedIndex: number;
            readonly hintIndex: number;
            readonly hintTerm: number;
          };
    }
  | {
      readonly type: 'snapshotChunk';
      readonly term: number;
      readonly snapshot: SnapshotMeta;
      readonly offset: number;
      readonly totalBytes: number;
      readonly data: Uint8Array;
      readonly round: number;
    }
  | {
      readonly type: 'snapshotReply';
      readonly term: number;
      readonly snapshot: SnapshotMeta;
      /** Bytes held so far; `totalBytes` once the snapshot is on disk. */
      readonly receivedBytes: number;
      readonly round: number;
    }
  | { readonly type: 'timeoutNow'; readonly term: number };

export type RaftEnvelope = { readonly to: NodeName; readonly message: RaftMessage };

/** One synced write. Order inside: snapshot replaces everything up to it, then `truncateFrom`, then entries, then hard state. */
export type PersistBatch = {
  readonly hardState: HardState | null;
  readonly snapshot: RaftSnapshot | null;
  /** Entries from this index on are replaced; null when `entries` only extend the log. */
  readonly truncateFrom: number | null;
  readonly entries: readonly RaftEntry[];
  /** Entries below this index may be deleted (they are behind a snapshot); null when none. */
  readonly compactBelow: number | null;
};

/**
 * The order of work that a batch demands: send `messagesNow`; persist; then `acknowledge` it, which yields
 * what may be sent and applied because of it. At most one Ready is out at a time. Between `takeReady` and
 * `acknowledge` nothing is stepped but what `RaftCore.mayStepAhead` and `propose` allow a leader.
 */
export type Ready = {
  /** May leave before the disk has answered (a leader's own appends: its disk works beside its followers'). */
  readonly messagesNow: readonly RaftEnvelope[];
  /** Null when there is nothing to write; acknowledge at once then. */
  readonly persist: PersistBatch | null;
};

export type Acknowledged = {
  /** Votes and append answers: promises that hold only because they are on disk. */
  readonly messages: readonly RaftEnvelope[];
  /** To be restored before `committed` is applied. */
  readonly snapshotToRestore: RaftSnapshot | null;
  /** Committed entries, persisted here, in order, each handed out exactly once. */
  readonly committed: readonly RaftEntry[];
  /** Reads confirmed by a quorum; each may be answered once `index` is applied. */
  readonly confirmedReads: readonly { readonly readId: number; readonly index: number }[];
  /** Reads that can no longer be confirmed (leadership was lost). */
  readonly refusedReads: readonly number[];
};

/** What follows from a leader's inputs while its own batch is on its way to the disk; see `RaftCore.takeAhead`. */
export type Ahead = Pick<Acknowledged, 'committed' | 'confirmedReads'> & {
  /** Promises nothing, and leaves at once. */
  readonly messagesNow: readonly RaftEnvelope[];
};

export type RaftRole = 'follower' | 'preCandidate' | 'candidate' | 'leader';

export type RaftStatus = {
  readonly role: RaftRole;
  readonly term: number;
  readonly leader: NodeName | null;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  readonly snapshotIndex: number;
  /**
   * Monotonic milliseconds until which no other node can have been elected, given the clock-drift bound; 0
   * unless leader. A leader acts on the outside world only while now < leaseUntilMs.
   */
  readonly leaseUntilMs: number;
  /** True once an entry of the leader's own term is committed: from then on its state is current. */
  readonly hasCommittedInTerm: boolean;
  readonly matchIndex: ReadonlyMap<NodeName, number>;
};

/** The bounds of primitives/limits.ts that consensus keeps. */
export type RaftLimits = {
  readonly entriesPerAppend: number;
  readonly entriesWorthAWrite: number;
  readonly bytesPerAppend: number;
  readonly appendsInFlight: number;
  readonly appendBytesInFlight: number;
  readonly uncommittedBytes: number;
  readonly readsWaiting: number;
  readonly entriesPerApply: number;
  readonly roundsRemembered: number;
  readonly snapshotBytes: number;
  readonly snapshotChunkBytes: number;
  readonly entriesKeptBehindSnapshot: number;
  readonly bytesKeptBehindSnapshot: number;
};

export type RaftOptions = {
  readonly self: NodeName;
  /** All voters, self included; 1, 3 or 5 of them. */
  readonly voters: readonly NodeName[];
  /** A follower starts a pre-vote after this long without its leader, randomised up to twice as long. */
  readonly electionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Share of electionTimeoutMs by which two clocks may differ over one timeout; shortens the lease. */
  readonly clockDriftRatio: number;
  /** Lower bounds, so that a test or a simulation reaches the rare paths with small logs. */
  readonly limits?: Partial<RaftLimits>;
};
