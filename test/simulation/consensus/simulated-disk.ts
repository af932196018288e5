/** A disk that takes a batch whole or not at all, and keeps only what was written before a crash. */
import assert from 'node:assert/strict';
import type {
  HardState,
  PersistBatch,
  RaftEntry,
  RaftSnapshot,
  RestoredLog,
} from '../../../src/core/raft/types.ts';

export class SimulatedDisk {
  hardState: HardState = { term: 0, votedFor: null, commitIndex: 0 };
  snapshot: RaftSnapshot | null = null;
  readonly entries = new Map<number, RaftEntry>();
  lastIndex = 0;

  write(batch: PersistBatch): void {
    if (batch.snapshot !== null) {
      this.snapshot = batch.snapshot;
      if (this.lastIndex < batch.snapshot.index) this.lastIndex = batch.snapshot.index;
    }
    if (batch.truncateFrom !== null) this.#truncate(batch.truncateFrom);
    for (const entry of batch.entries) {
      assert.equal(entry.index, this.lastIndex + 1, 'a batch leaves no gap in the log');
      this.entries.set(entry.index, entry);
      this.lastIndex = entry.index;
    }
    if (batch.compactBelow !== null) {
      for (const index of this.entries.keys()) if (index < batch.compactBelow) this.entries.delete(index);
    }
    if (batch.hardState !== null) {
      assert.ok(batch.hardState.term >= this.hardState.term, 'a term never falls');
      assert.ok(
        batch.hardState.commitIndex <= this.lastIndex,
        'what is committed is on the disk that says so',
      );
      this.hardState = batch.hardState;
    }
  }

  read(): RestoredLog {
    const entries = [...this.entries.values()].sort((left, right) => left.index - right.index);
    return { hardState: this.hardState, snapshot: this.snapshot, entries };
  }

  #truncate(from: number): void {
    for (let index = from; index <= this.lastIndex; index += 1) this.entries.delete(index);
    this.lastIndex = Math.min(this.lastIndex, from - 1);
  }
}
