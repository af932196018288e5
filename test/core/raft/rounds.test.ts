import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from '../../../src/core/raft/rounds.ts';

test('the newest rounds are remembered, older ones and those to come are not made up', () => {
  const rounds = new Rounds(3);
  for (const nowMs of [10, 20, 30, 40]) rounds.begin(nowMs);
  assert.equal(rounds.current, 4);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((round) => rounds.begunMs(round)),
    [null, null, 20, 30, 40, null],
  );
});
