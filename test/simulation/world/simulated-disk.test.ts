/** What a simulated disk holds after a batch, and what it does not let pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistBatch, RaftEntry } from '../../../src/core/raft/types.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const entry = (index: number, term: number): RaftEntry => ({
  index,
  term,
  kind: 'command',
  data: Buffer.from(`${index}:${term}`),
});

const batch = (fields: Partial<PersistBatch>): PersistBatch => ({
  hardState: null,
  snapshot: null,
  truncateFrom: null,
  entries: [],
  compactBelow: null,
  ...fields,
});

const disk = (): SimulatedDisk => {
  const written = new SimulatedDisk();
  written.write(
    batch({
      hardState: { term: 2, votedFor: null, commitIndex: 1 },
      entries: [entry(1, 1), entry(2, 1), entry(3, 2)],
    }),
  );
  return written;
};

test('a tail is replaced, and what is read back is what was written', () => {
  const written = disk();
  written.write(batch({ truncateFrom: 2, entries: [entry(2, 2)] }));
  assert.deepEqual(written.read().entries, [entry(1, 1), entry(2, 2)]);
  assert.deepEqual([written.lastIndex, written.termAt(2), written.termAt(3)], [2, 2, null]);
});

test('the own snapshot keeps the tail; one that the log does not lead up to replaces it all', () => {
  const own = disk();
  own.write(batch({ snapshot: { index: 2, term: 1, data: Buffer.from('s') }, compactBelow: 3 }));
  assert.deepEqual([own.read().entries, own.lastIndex, own.termAt(2)], [[entry(3, 2)], 3, 1]);
  const other = disk();
  other.write(batch({ snapshot: { index: 2, term: 2, data: Buffer.from('s') }, compactBelow: 3 }));
  assert.deepEqual([other.read().entries, other.lastIndex, other.termAt(2)], [[], 2, 2]);
});

test('a gap, a fallen term, a commit that is not held and a committed entry cut off are violations', () => {
  const held = { votedFor: null, commitIndex: 1 };
  for (const wrong of [
    batch({ entries: [entry(5, 2)] }),
    batch({ hardState: { ...held, term: 1 } }),
    batch({ hardState: { ...held, term: 2, commitIndex: 4 } }),
    batch({ truncateFrom: 1 }),
    batch({ compactBelow: 2 }),
  ])
    assert.throws(() => disk().write(wrong), /batches fit the log/);
});
