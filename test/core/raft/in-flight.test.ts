import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from '../../../src/core/raft/in-flight.ts';

test('appends under way are bounded in number and in bytes, and freed by what arrived', () => {
  const inFlight = new InFlight({ appendsInFlight: 3, appendBytesInFlight: 100 });
  inFlight.add(5, 10);
  inFlight.add(9, 10);
  assert.equal(inFlight.isFull, false);
  inFlight.add(12, 10);
  assert.equal(inFlight.isFull, true);
  inFlight.freeThrough(9);
  assert.equal(inFlight.count, 1);
  inFlight.add(20, 95);
  assert.equal(inFlight.isFull, true);
  inFlight.freeThrough(20);
  assert.equal(inFlight.isFull, false);
});
