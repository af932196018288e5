/**
 * A leader's way to its followers: appends ahead of their answers, probes where the logs may differ, snapshots where
 * the entries are gone, and a sign of life at every heartbeat. Nothing here promises anything, so everything leaves
 * without waiting for this node's disk.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { NodeState } from './node-state.ts';
import { Progress, type SnapshotTransfer } from './progress.ts';
import { reachedByMajority } from './quorum.ts';
import { Rounds } from './rounds.ts';
import type { RaftEntry, RaftMessage } from './types.ts';

type AppendReply = Extract<RaftMessage, { type: 'appendReply' }>;
type SnapshotReply = Extract<RaftMessage, { type: 'snapshotReply' }>;

const NO_ENTRIES: readonly RaftEntry[] = [];

export class Replication {
  readonly #state: NodeState;
  readonly #progress = new Map<NodeName, Progress>();
  readonly #matchIndex = new Map<NodeName, number>();
  readonly #rounds: Rounds;
  readonly #scratch: number[] = [];
  #roundOfBatch = 0;
  #entriesPerAppend = 1;
  /** The entries last cut from the log: followers that are equally far share them. */
  #cut: { readonly from: number; readonly entries: readonly RaftEntry[]; readonly bytes: number } | null =
    null;

  constructor(state: NodeState) {
    this.#state = state;
    this.#rounds = new Rounds(state.limits.roundsRemembered);
    for (const peer of state.peers) {
      this.#progress.set(peer, new Progress(state.log.lastIndex + 1, state.nowMs, state.limits));
      this.#matchIndex.set(peer, 0);
    }
  }

  /** What each follower is known to hold; a live view. */
  get matchIndex(): ReadonlyMap<NodeName, number> {
    return this.#matchIndex;
  }

  get currentRound(): number {
    return this.#rounds.current;
  }

  progressOf(peer: NodeName): Progress | undefined {
    return this.#progress.get(peer);
  }

  /**
   * Queues what every follower should be sent now, at most `entriesPerAppend` in one message; with `isBroadcast` each
   * is sent something, in a new round.
   */
  collect(isBroadcast: boolean, entriesPerAppend: number): void {
    this.#entriesPerAppend = entriesPerAppend;
    this.#roundOfBatch = 0;
    this.#cut = null;
    if (isBroadcast) this.#round();
    for (const [peer, progress] of this.#progress) {
      switch (progress.phase) {
        case 'probe':
          this.#probe(peer, progress, isBroadcast);
          break;
        case 'replicate':
          this.#replicate(peer, progress, isBroadcast);
          break;
        case 'snapshot':
          this.#sendChunk(peer, progress, isBroadcast);
          break;
      }
    }
  }

  onAppendReply(from: NodeName, { round, outcome }: AppendReply): void {
    const progress = this.#heard(from, round);
    if (progress === undefined) return;
    if (outcome.accepted) this.#accepted(from, progress, outcome.matchIndex);
    else this.#rejected(progress, outcome);
  }

  onSnapshotReply(from: NodeName, { round, snapshot, receivedBytes }: SnapshotReply): void {
    const progress = this.#heard(from, round);
    const transfer = progress?.transfer ?? null;
    if (progress === undefined || transfer === null) return;
    // Only the answer to the chunk under way moves the offset; late ones would make chunks multiply.
    if (round !== transfer.chunkRound || snapshot.index !== transfer.snapshot.index) return;
    if (receivedBytes >= transfer.snapshot.data.byteLength) this.#accepted(from, progress, snapshot.index);
    else {
      transfer.offset = receivedBytes;
      transfer.chunkRound = 0;
    }
  }

  /** Highest index that a majority holds on disk. */
  matchedByMajority(): number {
    this.#scratch.length = 0;
    this.#scratch.push(this.#state.durability.persistedIndex);
    for (const progress of this.#progress.values()) this.#scratch.push(progress.matchIndex);
    return reachedByMajority(this.#scratch);
  }

  /** Newest round that a majority, this node included, has answered; 0 when none. */
  answeredByMajority(): number {
    this.#scratch.length = 0;
    this.#scratch.push(this.#rounds.current);
    for (const progress of this.#progress.values()) this.#scratch.push(progress.answeredRound);
    return reachedByMajority(this.#scratch);
  }

  begunMs(round: number): number | null {
    return this.#rounds.begunMs(round);
  }

  /** Whether a majority, this node included, was heard within the election timeout. */
  isHeardByMajority(): boolean {
    let heard = 1;
    for (const progress of this.#progress.values()) {
      if (this.isHeard(progress)) heard += 1;
    }
    return heard >= this.#state.majority;
  }

  isHeard(progress: Progress): boolean {
    return this.#state.nowMs - progress.heardMs < this.#state.options.electionTimeoutMs;
  }

  /** True when a chunk was not answered in time and goes out again with the next batch. */
  hasOverdueChunk(): boolean {
    for (const progress of this.#progress.values()) {
      const { transfer } = progress;
      if (transfer !== null && transfer.chunkRound > 0 && this.#isChunkDue(progress, transfer)) return true;
    }
    return false;
  }

  #heard(from: NodeName, round: number): Progress | undefined {
    const progress = this.#progress.get(from);
    if (progress === undefined || round > this.#rounds.current) return undefined;
    progress.heardMs = this.#state.nowMs;
    progress.answeredRound = Math.max(progress.answeredRound, round);
    return progress;
  }

  #accepted(from: NodeName, progress: Progress, matchIndex: number): void {
    const { log } = this.#state;
    // More than was ever sent: not an answer of this log.
    if (matchIndex > log.lastIndex) return;
    const { phase } = progress;
    const guess = progress.nextIndex - 1;
    if (progress.matched(matchIndex)) this.#matchIndex.set(from, matchIndex);
    if (phase === 'probe' && matchIndex >= guess) progress.replicate();
    else if (phase === 'snapshot' && matchIndex >= this.#snapshotSpares(progress)) progress.replicate();
  }

  /** From this index on the follower can be served from the log again. */
  #snapshotSpares(progress: Progress): number {
    const sent = progress.transfer?.snapshot.index ?? 0;
    return Math.min(sent, this.#state.log.baseIndex);
  }

  #rejected(
    progress: Progress,
    { rejectedIndex, hintIndex, hintTerm }: { rejectedIndex: number; hintIndex: number; hintTerm: number },
  ): void {
    const { log } = this.#state;
    if (progress.phase === 'replicate' && rejectedIndex > progress.matchIndex) {
      progress.probeFrom(progress.matchIndex + 1);
    } else if (progress.phase === 'probe' && rejectedIndex === progress.nextIndex - 1) {
      const agreed = log.lastOfTermAtMost(Math.min(hintIndex, rejectedIndex - 1), hintTerm);
      progress.probeFrom(Math.max(agreed, progress.matchIndex) + 1);
    }
  }

  #probe(peer: NodeName, progress: Progress, isBroadcast: boolean): void {
    const previousTerm = this.#state.log.termAt(progress.nextIndex - 1);
    if (previousTerm === null) {
      this.#beginSnapshot(peer, progress, isBroadcast);
    } else if (!progress.probeSent) {
      const { entries } = this.#entriesFrom(progress.nextIndex);
      this.#append(peer, progress, previousTerm, entries);
      progress.probeSent = true;
    } else if (isBroadcast) {
      // The guess is repeated without its entries: a follower that is down should not be sent them again and again.
      this.#append(peer, progress, previousTerm, NO_ENTRIES);
    }
  }

  #replicate(peer: NodeName, progress: Progress, isBroadcast: boolean): void {
    const { log, commitIndex } = this.#state;
    if (log.termAt(progress.nextIndex - 1) === null) {
      this.#beginSnapshot(peer, progress, isBroadcast);
      return;
    }
    let isSent = false;
    while (progress.nextIndex <= log.lastIndex && !progress.inFlight.isFull) {
      const { entries, bytes } = this.#entriesFrom(progress.nextIndex);
      this.#append(peer, progress, log.termAt(progress.nextIndex - 1) ?? 0, entries);
      progress.nextIndex += entries.length;
      progress.inFlight.add(progress.nextIndex - 1, bytes);
      isSent = true;
    }
    if (isSent) return;
    // A follower that is throttled gets signs of life only: an empty append for its own sake would beget the next.
    const hasNews = progress.sentCommitIndex < commitIndex && !progress.inFlight.isFull;
    if (isBroadcast || hasNews)
      this.#append(peer, progress, log.termAt(progress.nextIndex - 1) ?? 0, NO_ENTRIES);
  }

  #beginSnapshot(peer: NodeName, progress: Progress, isBroadcast: boolean): void {
    const { snapshot } = this.#state;
    // What is behind the log is in the snapshot; it is not sent towards a node that does not answer.
    if (snapshot !== null && this.isHeard(progress)) progress.sendSnapshot(snapshot);
    this.#sendChunk(peer, progress, isBroadcast);
  }

  #sendChunk(peer: NodeName, progress: Progress, isBroadcast: boolean): void {
    const { transfer } = progress;
    if (transfer !== null && this.#isChunkDue(progress, transfer)) {
      const { index, term, data } = transfer.snapshot;
      transfer.chunkRound = this.#round();
      transfer.chunkSentMs = this.#state.nowMs;
      this.#state.outbox.sendNow(peer, {
        type: 'snapshotChunk',
        term: this.#state.term,
        snapshot: { index, term },
        offset: transfer.offset,
        totalBytes: data.byteLength,
        data: data.subarray(transfer.offset, transfer.offset + this.#state.limits.snapshotChunkBytes),
        round: transfer.chunkRound,
      });
    } else if (isBroadcast) this.#signOfLife(peer);
  }

  #isChunkDue(progress: Progress, transfer: SnapshotTransfer): boolean {
    if (transfer.chunkRound === 0) return true;
    const { electionTimeoutMs } = this.#state.options;
    return this.isHeard(progress) && this.#state.nowMs - transfer.chunkSentMs >= electionTimeoutMs;
  }

  /** An append behind nothing, which every log agrees with. */
  #signOfLife(peer: NodeName): void {
    this.#state.outbox.sendNow(peer, {
      type: 'append',
      term: this.#state.term,
      previousIndex: 0,
      previousTerm: 0,
      commitIndex: 0,
      entries: NO_ENTRIES,
      round: this.#round(),
    });
  }

  #append(peer: NodeName, progress: Progress, previousTerm: number, entries: readonly RaftEntry[]): void {
    const { term, commitIndex, outbox } = this.#state;
    const previousIndex = progress.nextIndex - 1;
    progress.sentCommitIndex = Math.min(commitIndex, previousIndex + entries.length);
    outbox.sendNow(peer, {
      type: 'append',
      term,
      previousIndex,
      previousTerm,
      commitIndex,
      entries,
      round: this.#round(),
    });
  }

  #entriesFrom(from: number): { readonly entries: readonly RaftEntry[]; readonly bytes: number } {
    if (this.#cut?.from === from) return this.#cut;
    const { log, limits } = this.#state;
    if (from > log.lastIndex) return { entries: NO_ENTRIES, bytes: 0 };
    const last = log.lastThatFits(from, { entries: this.#entriesPerAppend, bytes: limits.bytesPerAppend });
    const entries = log.slice(from, last);
    let bytes = 0;
    for (const entry of entries) bytes += entry.data.byteLength;
    this.#cut = { from, entries, bytes };
    return this.#cut;
  }

  /** Everything that one batch sends is of one round. */
  #round(): number {
    if (this.#roundOfBatch === 0) this.#roundOfBatch = this.#rounds.begin(this.#state.nowMs);
    return this.#roundOfBatch;
  }
}
