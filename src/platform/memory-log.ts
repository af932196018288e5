/** The twin of the disk log for tests and simulation: the same judgement of every batch, kept in memory only. */
import type { LogPort } from '../core/node/ports.ts';
import { assert } from '../core/primitives/assert.ts';
import type { PersistBatch, RaftEntry, RaftSnapshot, RestoredLog } from '../core/raft/types.ts';
import { advanceExtent, emptyExtent } from './log-extent.ts';

export type MemoryLog = LogPort & {
  /** What a node would find that starts now, without waiting for anything. */
  contents(): RestoredLog;
};

/** Opens again after `close` with what it held, as a disk does. */
export function memoryLog(): MemoryLog {
  const extent = emptyExtent();
  const entries = new Map<number, RaftEntry>();
  let snapshot: RaftSnapshot | null = null;
  let loaded = false;

  const write = (batch: PersistBatch): void => {
    const { cutFrom, appended } = advanceExtent(extent, batch);
    const cutAt = cutFrom ?? Number.POSITIVE_INFINITY;
    for (const index of entries.keys())
      if (index >= cutAt || index < extent.oldestStored) entries.delete(index);
    snapshot = batch.snapshot ?? snapshot;
    // The caller keeps its buffers; a disk would hold what they contained at this moment.
    for (const entry of appended) entries.set(entry.index, { ...entry, data: Uint8Array.from(entry.data) });
  };

  const contents = (): RestoredLog => ({
    hardState: extent.hardState,
    snapshot,
    entries: [...entries.values()]
      .filter((entry) => entry.index > extent.snapshot.index)
      .sort((left, right) => left.index - right.index),
  });

  return {
    contents,
    load: async () => {
      loaded = true;
      return contents();
    },
    persist: async (batch) => {
      assert(loaded, 'a log is loaded before it is written');
      write(batch);
    },
    close: async () => {
      loaded = false;
    },
  };
}
