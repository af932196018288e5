import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { ReadQueue } from '../../../src/core/raft/read-queue.ts';

test('a read is confirmed by a round that began after it, not by its own', () => {
  const reads = new ReadQueue(10);
  reads.add(1, 100, 4);
  reads.add(2, 101, 5);
  assert.deepEqual(reads.confirmedBy(4), []);
  assert.deepEqual(
    reads.confirmedBy(5).map(({ readId, index }) => [readId, index]),
    [[1, 100]],
  );
  assert.deepEqual(
    reads.confirmedBy(9).map(({ readId }) => readId),
    [2],
  );
  assert.deepEqual(reads.confirmedBy(10), []);
});

test('an id that waits is never taken a second time, and the queue is bounded', () => {
  const reads = new ReadQueue(2);
  reads.add(1, 1, 1);
  assert.throws(() => reads.add(1, 1, 1), InvariantError);
  assert.equal(reads.add(2, 1, 1), true);
  assert.equal(reads.add(3, 1, 1), false);
  assert.deepEqual(
    reads.takeAll().map(({ readId }) => readId),
    [1, 2],
  );
  assert.equal(reads.add(1, 1, 1), true);
});
