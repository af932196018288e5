import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { Progress } from '../../../src/core/raft/progress.ts';

const LIMITS = { appendsInFlight: 2, appendBytesInFlight: 100 };

test('next stays past match, whatever is answered', () => {
  const progress = new Progress(5, 0, LIMITS);
  assert.equal(progress.matched(7), true);
  assert.equal(progress.nextIndex, 8);
  assert.equal(progress.matched(6), false);
  assert.equal(progress.matchIndex, 7);
  assert.throws(() => progress.probeFrom(7), InvariantError);
});

test('a new phase forgets what was under way in the one before', () => {
  const progress = new Progress(1, 0, LIMITS);
  progress.replicate();
  progress.inFlight.add(1, 10);
  progress.inFlight.add(2, 10);
  progress.sendSnapshot({ index: 9, term: 1, data: new Uint8Array(1) });
  assert.equal(progress.inFlight.isFull, false);
  assert.equal(progress.transfer?.offset, 0);
  progress.matched(9);
  progress.replicate();
  assert.equal(progress.transfer, null);
  assert.equal(progress.nextIndex, 10);
});
