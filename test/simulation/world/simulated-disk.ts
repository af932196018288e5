/**
 * A disk that takes a batch whole or not at all and keeps over a crash only what was written. It judges every batch by
 * what a log is, as the real one does.
 */
import type {
  HardState,
  PersistBatch,
  RaftEntry,
  RaftSnapshot,
  RestoredLog,
} from '../../../src/core/raft/types.ts';
import { demand } from './violation.ts';

const PROPERTY = 'batches fit the log';

export class SimulatedDisk {
  hardState: HardState = { term: 0, votedFor: null, commitIndex: 0 };
  snapshot: RaftSnapshot | null = null;
  readonly entries = new Map<number, RaftEntry>();
  lastIndex = 0;

  get snapshotIndex(): number {
    return this.snapshot?.index ?? 0;
  }

  /** Null where the entry is not held, or is behind the snapshot. */
  termAt(index: number): number | null {
    if (index === this.snapshotIndex) return this.snapshot?.term ?? 0;
    return this.entries.get(index)?.term ?? null;
  }

  write(batch: PersistBatch): void {
    if (batch.snapshot !== null) this.#takeSnapshot(batch.snapshot);
    if (batch.truncateFrom !== null) this.#truncate(batch.truncateFrom);
    for (const entry of batch.entries) {
      demand(entry.index === this.lastIndex + 1, PROPERTY, () => `${entry.index} follows ${this.lastIndex}`);
      this.entries.set(entry.index, entry);
      this.lastIndex = entry.index;
    }
    if (batch.compactBelow !== null) this.#compactBelow(batch.compactBelow);
    if (batch.hardState !== null) this.#takeHardState(batch.hardState);
  }

  read(): RestoredLog {
    const entries = [...this.entries.values()];
    return {
      hardState: this.hardState,
      snapshot: this.snapshot,
      entries: entries.filter(({ index }) => index > this.snapshotIndex),
    };
  }

  /** Where the log does not contain the snapshot's last entry, nothing of it can follow the snapshot. */
  #takeSnapshot(snapshot: RaftSnapshot): void {
    const { index, term } = snapshot;
    demand(index >= this.snapshotIndex, PROPERTY, () => `a snapshot goes back to ${index}`);
    if (this.termAt(index) !== term) {
      this.entries.clear();
      this.lastIndex = index;
    }
    this.snapshot = snapshot;
  }

  #truncate(from: number): void {
    demand(from > this.hardState.commitIndex, PROPERTY, () => `committed entry ${from} is cut off`);
    for (let index = from; index <= this.lastIndex; index += 1) this.entries.delete(index);
    this.lastIndex = Math.max(this.snapshotIndex, Math.min(this.lastIndex, from - 1));
  }

  #compactBelow(below: number): void {
    demand(below <= this.snapshotIndex + 1, PROPERTY, () => `entries below ${below} are in no snapshot`);
    for (const index of this.entries.keys()) {
      if (index >= below) break;
      this.entries.delete(index);
    }
  }

  #takeHardState(next: HardState): void {
    const { term, commitIndex } = next;
    demand(term >= this.hardState.term, PROPERTY, () => `the term falls to ${term}`);
    demand(commitIndex <= this.lastIndex, PROPERTY, () => `${commitIndex} is committed, but not here`);
    this.hardState = next;
  }
}
