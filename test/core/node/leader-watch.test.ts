import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaderWatch } from '../../../src/core/node/leader-watch.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftMessage, RaftStatus } from '../../../src/core/raft/types.ts';

const [A, B] = [nodeName('pollux-a'), nodeName('pollux-b')];

const status: RaftStatus = {
  role: 'follower',
  term: 3,
  leader: B,
  commitIndex: 0,
  appliedIndex: 0,
  matchIndex: new Map(),
  lastIndex: 0,
  snapshotIndex: 0,
  leaseUntilMs: 0,
  hasCommittedInTerm: false,
};

const append = (commitIndex: number, term = 3): RaftMessage => ({
  type: 'append',
  term,
  previousIndex: 0,
  previousTerm: 0,
  commitIndex,
  entries: [],
  round: 1,
});

test('a follower is current by the last moment at which it had applied what the leader said was committed', () => {
  const watch = new LeaderWatch();
  assert.equal(watch.staleForMs(0, 1_000), null, 'nobody has said anything');
  watch.heard(B, append(7), status, 6, 1_000);
  assert.equal(watch.staleForMs(6, 1_010), null, 'what it was told is not applied yet');
  assert.equal(watch.staleForMs(7, 1_010), 10);
  watch.heard(B, append(8), status, 7, 1_050);
  assert.equal(watch.staleForMs(7, 1_060), 60, 'as old as what it had before');
  assert.equal(watch.staleForMs(8, 1_060), 10);
});

test('one that was cut off hears the leader long before it is current again', () => {
  const watch = new LeaderWatch();
  watch.heard(B, append(7), status, 7, 1_000);
  assert.equal(watch.staleForMs(7, 1_001), 1);
  for (const nowMs of [9_000, 9_050, 9_100]) watch.heard(B, append(40), status, 7, nowMs);
  assert.equal(watch.heardAgoMs(9_100), 0);
  assert.equal(watch.staleForMs(7, 9_100), 8_100);
  assert.equal(watch.staleForMs(40, 9_101), 1);
});

test('a sign of life, and who does not lead, say nothing of what is committed', () => {
  const watch = new LeaderWatch();
  watch.heard(B, append(0), status, 7, 1_000);
  watch.heard(A, append(7), status, 7, 1_000);
  watch.heard(B, append(7, 2), status, 7, 1_000);
  assert.equal(watch.staleForMs(7, 1_000), null);
  assert.equal(watch.heardAgoMs(1_000), 0);
});
