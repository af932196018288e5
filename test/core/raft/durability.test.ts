import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Durability } from '../../../src/core/raft/durability.ts';
import { RaftLog } from '../../../src/core/raft/raft-log.ts';
import { A, B, bytes, entry } from './harness.ts';

function logAndDisk(): { log: RaftLog; disk: Durability } {
  const log = new RaftLog({ index: 0, term: 0 });
  for (let index = 1; index <= 4; index += 1) log.append(entry(index, 1));
  return { log, disk: new Durability(log, { term: 1, votedFor: null, commitIndex: 2 }) };
}

const ALL = Number.POSITIVE_INFINITY;

test('a vote forces a write even when its term is on disk already; a commit index does not', () => {
  const { disk } = logAndDisk();
  assert.equal(disk.needsWrite(1, null), false);
  assert.equal(disk.needsWrite(1, B), true);
  assert.equal(disk.needsWrite(2, null), true);
  assert.equal(disk.take({ term: 1, votedFor: null, commitIndex: 4 }, ALL), null);
});

test('vote, term and entries go in one batch, and the batch counts only when it is settled', () => {
  const { log, disk } = logAndDisk();
  log.append(entry(5, 2));
  const batch = disk.take({ term: 2, votedFor: A, commitIndex: 3 }, ALL);
  assert.deepEqual(batch?.hardState, { term: 2, votedFor: A, commitIndex: 3 });
  assert.deepEqual(
    batch?.entries.map(({ index }) => index),
    [5],
  );
  assert.equal(batch?.truncateFrom, null);
  assert.equal(disk.persistedIndex, 4);
  assert.equal(disk.written.term, 1);
  disk.settle();
  assert.equal(disk.persistedIndex, 5);
  assert.equal(disk.written.term, 2);
});

test('a tail that was replaced is cut from the disk with the batch that replaces it', () => {
  const { log, disk } = logAndDisk();
  log.truncateFrom(3);
  disk.cutFrom(3);
  log.append(entry(3, 2));
  assert.equal(disk.persistedIndex, 2);
  assert.equal(disk.take({ term: 2, votedFor: null, commitIndex: 2 }, ALL)?.truncateFrom, 3);
  disk.settle();
  log.append(entry(4, 2));
  assert.equal(disk.take({ term: 2, votedFor: null, commitIndex: 2 }, ALL)?.truncateFrom, null);
});

test("a leader's snapshot travels without entries and takes the old tail with it", () => {
  const { log, disk } = logAndDisk();
  const snapshot = { index: 3, term: 2, data: bytes('s') };
  disk.leadersSnapshot(snapshot, 2);
  log.resetTo(snapshot);
  assert.equal(disk.persistedIndex, 2);
  const batch = disk.take({ term: 2, votedFor: null, commitIndex: 3 }, ALL);
  assert.deepEqual(batch, {
    hardState: { term: 2, votedFor: null, commitIndex: 3 },
    snapshot,
    truncateFrom: 4,
    entries: [],
    compactBelow: 4,
  });
  assert.equal(disk.settle(), snapshot);
  assert.equal(disk.persistedIndex, 3);
});
