import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { NodeState } from '../../../src/core/raft/node-state.ts';
import { A, B, bytes, C, EMPTY, entry, OPTIONS, restored } from './harness.ts';

const stateOf = (options: Partial<typeof OPTIONS>, log = EMPTY): NodeState =>
  new NodeState({ ...OPTIONS, ...options }, log, seededRandom(1), 0);

test('a voter set that is empty, even, doubled or without this node is refused loudly', () => {
  for (const voters of [[], [A, B], [A, B, B], [B], [A, A, A]])
    assert.throws(() => stateOf({ voters }), InvariantError, voters.join());
  assert.throws(() => stateOf({ heartbeatIntervalMs: 600 }), InvariantError);
  assert.throws(() => stateOf({ clockDriftRatio: 1 }), InvariantError);
  assert.deepEqual(stateOf({}).peers, [B, C]);
});

test('a disk that contradicts itself is refused', () => {
  assert.throws(() => stateOf({}, restored([1], { commitIndex: 2 })), InvariantError);
  assert.throws(() => stateOf({}, restored([3], { term: 2 })), InvariantError);
  assert.throws(() => stateOf({}, { ...EMPTY, entries: [entry(2, 0)] }), InvariantError);
});

test('entries still stored behind the snapshot are passed over', () => {
  const snapshot = { index: 2, term: 1, data: bytes('s') };
  const { log, commitIndex } = stateOf({}, { ...restored([1, 1, 2]), snapshot });
  assert.deepEqual([log.baseIndex, log.lastIndex, commitIndex], [2, 3, 2]);
});

test('an election timeout is between one and two of the configured, counted from the last sign', () => {
  const state = stateOf({});
  const deadlines = Array.from({ length: 200 }, () => {
    state.resetElectionTimer();
    return state.electionDeadlineMs;
  });
  assert.ok(Math.min(...deadlines) >= 1_000 && Math.max(...deadlines) < 2_000);
  assert.ok(Math.max(...deadlines) - Math.min(...deadlines) > 500);
});
