/**
 * What of the log, the term and the vote is on disk, and the batch that is on its way there. Everything changed since
 * the last batch goes into the next one, so that a vote or a term and the entries that depend on it are one write
 * (invariant 4). What a node counts, grants or answers, it does by `persistedIndex`, never by what it only holds.
 */
import { assert } from '../primitives/assert.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftLog } from './raft-log.ts';
import type { HardState, PersistBatch, RaftEntry, RaftSnapshot } from './types.ts';

const NO_ENTRIES: readonly RaftEntry[] = [];

export class Durability {
  readonly #log: RaftLog;
  #persistedIndex: number;
  /** Highest index stored, replaced tails included: they go with the batch that replaces them. */
  #storedIndex: number;
  #written: HardState;
  #snapshot: { readonly snapshot: RaftSnapshot; readonly fromLeader: boolean } | null = null;
  #batchOut: { readonly hardState: HardState; readonly lastIndex: number } | null = null;

  constructor(log: RaftLog, written: HardState) {
    this.#log = log;
    this.#persistedIndex = log.lastIndex;
    this.#storedIndex = log.lastIndex;
    this.#written = written;
  }

  /** Last index up to which disk and memory hold the same log. */
  get persistedIndex(): number {
    return this.#persistedIndex;
  }

  /** A snapshot from the leader has replaced the log and is not on disk yet. */
  get isReplacingLog(): boolean {
    return this.#snapshot?.fromLeader === true;
  }

  /** Term and vote as they are on disk. */
  get written(): HardState {
    return this.#written;
  }

  /** A commit index alone is no reason to write: it travels with the next batch, and a leader tells it again. */
  needsWrite(term: number, votedFor: NodeName | null): boolean {
    return (
      this.#snapshot !== null ||
      this.#persistedIndex < this.#log.lastIndex ||
      term !== this.#written.term ||
      votedFor !== this.#written.votedFor
    );
  }

  /** Entries from `index` on were cut off. */
  cutFrom(index: number): void {
    this.#persistedIndex = Math.min(this.#persistedIndex, index - 1);
  }

  ownSnapshot(snapshot: RaftSnapshot): void {
    this.#snapshot = { snapshot, fromLeader: false };
  }

  /** The log was reset to `snapshot`; of the old one only the committed part still means anything. */
  leadersSnapshot(snapshot: RaftSnapshot, committedBefore: number): void {
    this.#snapshot = { snapshot, fromLeader: true };
    this.#persistedIndex = Math.min(this.#persistedIndex, committedBefore);
  }

  /** At most `mostEntries` of the entries; the rest goes with the next batches, in order. */
  take(hardState: HardState, mostEntries: number): PersistBatch | null {
    assert(this.#batchOut === null, 'one batch at a time');
    if (!this.needsWrite(hardState.term, hardState.votedFor)) return null;
    const snapshot = this.#snapshot?.snapshot ?? null;
    // No entries travel beside a leader's snapshot: nothing is appended until it is on disk.
    const from = this.isReplacingLog ? this.#log.baseIndex + 1 : this.#persistedIndex + 1;
    const lastIndex = Math.min(this.#log.lastIndex, from - 1 + mostEntries);
    this.#batchOut = { hardState, lastIndex };
    return {
      hardState,
      snapshot,
      truncateFrom: this.#storedIndex >= from ? from : null,
      entries: from <= lastIndex ? this.#log.slice(from, lastIndex) : NO_ENTRIES,
      compactBelow: snapshot === null ? null : snapshot.index + 1,
    };
  }

  /** The batch is on disk. Returns the leader's snapshot that came with it, if any. */
  settle(): RaftSnapshot | null {
    const batch = this.#batchOut;
    if (batch === null) return null;
    const replaced = this.isReplacingLog ? (this.#snapshot?.snapshot ?? null) : null;
    this.#batchOut = null;
    this.#snapshot = null;
    this.#written = batch.hardState;
    this.#persistedIndex = batch.lastIndex;
    this.#storedIndex = batch.lastIndex;
    return replaced;
  }
}
