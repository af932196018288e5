import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RaftMessage } from '../../../src/core/raft/types.ts';
import {
  A,
  append,
  B,
  bytes,
  C,
  elect,
  established,
  newCore,
  only,
  restored,
  sent,
  settle,
  took,
} from './harness.ts';

const NOW_MS = 5_000;
const ONE = [bytes('x')];

const accepts = (matchIndex: number, round: number, term = 1): RaftMessage => ({
  type: 'appendReply',
  term,
  round,
  outcome: { accepted: true, matchIndex },
});

test('an entry is committed by the leader’s disk and one other, never past the own disk', () => {
  const core = established();
  core.propose(ONE, NOW_MS);
  const ready = core.takeReady();
  assert.equal(core.status().commitIndex, 1);
  core.acknowledge();
  assert.equal(core.status().commitIndex, 1, 'its own disk is no majority');
  core.step(B, took(only(sent(ready.messagesNow, 'append'))), NOW_MS);
  assert.equal(core.status().commitIndex, 2);
  assert.deepEqual(
    settle(core).committed.map(({ index }) => index),
    [2],
  );
});

test('an answer that overtakes the own disk commits nothing before that disk has answered', () => {
  const core = established();
  core.propose(ONE, NOW_MS);
  core.step(B, accepts(2, 1), NOW_MS);
  core.step(C, accepts(2, 1), NOW_MS);
  assert.deepEqual(core.status().matchIndex.get(B), 2);
  assert.equal(core.status().commitIndex, 1);
  const { messagesNow } = core.takeReady();
  assert.deepEqual(
    sent(messagesNow, 'append').map(({ commitIndex }) => commitIndex),
    sent(messagesNow, 'append').map(() => 1),
  );
  core.acknowledge();
  assert.equal(core.status().commitIndex, 2);
});

test('entries of earlier terms are not counted by themselves, only with one of the own term', () => {
  const core = newCore({ limits: { entriesPerAppend: 2 } }, restored([1, 1, 1]));
  elect(core);
  core.step(
    B,
    {
      type: 'appendReply',
      term: 2,
      round: 1,
      outcome: { accepted: false, rejectedIndex: 3, hintIndex: 0, hintTerm: 0 },
    },
    NOW_MS,
  );
  const old = only(sent(settle(core).before, 'append'));
  core.step(B, took(old), NOW_MS);
  assert.equal(core.status().matchIndex.get(B), 2);
  assert.equal(core.status().commitIndex, 0);
  core.step(B, took(only(sent(settle(core).before, 'append'))), NOW_MS);
  assert.equal(core.status().commitIndex, 4);
});

test('a leader that hears no majority for an election timeout steps down', () => {
  const core = established();
  core.tick(NOW_MS + 999);
  assert.equal(core.status().role, 'leader');
  core.step(C, accepts(0, 1), NOW_MS + 999);
  core.tick(NOW_MS + 1_500);
  assert.equal(core.status().role, 'leader');
  core.tick(NOW_MS + 1_999);
  assert.deepEqual(
    [core.status().role, core.status().leader, core.status().leaseUntilMs],
    ['follower', null, 0],
  );
});

test('a lease counts from when the newest round that a majority answered began, less the drift', () => {
  const core = newCore();
  const first = only(sent(elect(core, NOW_MS).before, 'append'));
  assert.equal(core.status().leaseUntilMs, 0);
  core.step(B, took(first), NOW_MS + 40);
  assert.equal(core.status().leaseUntilMs, NOW_MS + 900);
  settle(core);
  core.tick(NOW_MS + 200);
  const heartbeat = only(sent(settle(core).before, 'append'));
  core.step(C, accepts(0, first.round), NOW_MS + 300);
  assert.equal(core.status().leaseUntilMs, NOW_MS + 900, 'an answer to an older round is no news');
  core.step(B, took(heartbeat), NOW_MS + 390);
  assert.equal(core.status().leaseUntilMs, NOW_MS + 1_100);
});

test('a refusal is as good for the lease as an acceptance: its sender follows', () => {
  const core = newCore({}, restored([1]));
  const first = only(sent(elect(core, NOW_MS).before, 'append'));
  core.step(
    B,
    {
      type: 'appendReply',
      term: 2,
      round: first.round,
      outcome: { accepted: false, rejectedIndex: 1, hintIndex: 0, hintTerm: 0 },
    },
    NOW_MS + 10,
  );
  assert.equal(core.status().leaseUntilMs, NOW_MS + 900);
});

test('a read waits for a round that began after it; an id is used once', () => {
  const core = established();
  core.step(C, accepts(1, 1), NOW_MS);
  settle(core);
  assert.equal(core.requestRead(7, NOW_MS), true);
  const asked = settle(core);
  const round = only(sent(asked.before, 'append')).round;
  core.step(C, accepts(1, round - 1), NOW_MS);
  assert.deepEqual(settle(core).reads, []);
  core.step(C, accepts(1, round), NOW_MS);
  assert.deepEqual(settle(core).reads, [{ readId: 7, index: 1 }]);
  core.step(B, accepts(1, round), NOW_MS);
  assert.deepEqual(settle(core).reads, []);
});

test('no reads before the leader has committed in its term, nor from a follower; lost leadership refuses what waits', () => {
  const core = newCore();
  assert.equal(core.requestRead(1, 0), false);
  const first = only(sent(elect(core).before, 'append'));
  assert.equal(core.requestRead(1, NOW_MS), false);
  core.step(B, took(first), NOW_MS);
  assert.equal(core.requestRead(1, NOW_MS), true);
  core.step(C, append(4, [0, 0]), NOW_MS);
  assert.deepEqual(settle(core).refusedReads, [1]);
});

test('many reads in one round do not grow on each other', () => {
  const core = established();
  const ids = Array.from({ length: 5_000 }, (_, position) => position);
  for (const readId of ids) core.requestRead(readId, NOW_MS);
  const { round } = only(sent(settle(core).before, 'append'));
  core.step(B, accepts(1, round), NOW_MS);
  assert.deepEqual(
    settle(core).reads.map(({ readId }) => readId),
    ids,
  );
});

test('what a majority does not take is not piled up without end', () => {
  const core = established({ limits: { uncommittedBytes: 10 } });
  assert.notEqual(core.propose([bytes('0123456789')], NOW_MS), null);
  assert.equal(core.propose(ONE, NOW_MS), null);
  core.step(B, took(only(sent(settle(core).before, 'append'))), NOW_MS);
  assert.notEqual(core.propose(ONE, NOW_MS), null);
});

test('leadership is handed to a voter that has everything; nothing is proposed meanwhile and the lease ends', () => {
  const core = established();
  assert.equal(core.transferLeadership(C, NOW_MS), false, 'c has never answered');
  assert.equal(core.transferLeadership(A, NOW_MS), false);
  core.propose(ONE, NOW_MS);
  assert.equal(core.transferLeadership(null, NOW_MS), true);
  assert.equal(core.propose(ONE, NOW_MS), null);
  const behind = settle(core);
  assert.deepEqual(sent(behind.before, 'timeoutNow'), []);
  assert.ok(core.status().leaseUntilMs > NOW_MS);
  core.step(B, took(only(sent(behind.before, 'append'))), NOW_MS);
  assert.equal(core.status().leaseUntilMs, 0);
  assert.equal(only(sent(settle(core).before, 'timeoutNow')).term, 1);
});

test('a hand-over that was never started is given up without a trace; one that was leads to a new term', () => {
  const waiting = established();
  waiting.propose(ONE, NOW_MS);
  waiting.transferLeadership(B, NOW_MS);
  settle(waiting);
  waiting.step(C, accepts(0, 1), NOW_MS + 900);
  waiting.tick(NOW_MS + 1_000);
  assert.notEqual(waiting.propose(ONE, NOW_MS + 1_000), null);
  assert.equal(waiting.status().term, 1);

  const started = established();
  started.transferLeadership(B, NOW_MS);
  settle(started);
  started.step(C, accepts(0, 1), NOW_MS + 900);
  started.tick(NOW_MS + 1_000);
  assert.deepEqual([started.status().role, started.status().term], ['candidate', 2]);
  assert.equal(only(sent(settle(started).after, 'vote', C)).transfer, true);
});

test('timeoutNow is obeyed at once, from the own leader of the own term only', () => {
  const core = newCore({}, restored([3]));
  core.step(B, append(3, [1, 3]), NOW_MS);
  settle(core);
  core.step(C, { type: 'timeoutNow', term: 3 }, NOW_MS);
  core.step(B, { type: 'timeoutNow', term: 2 }, NOW_MS);
  assert.equal(core.status().role, 'follower');
  core.step(B, { type: 'timeoutNow', term: 3 }, NOW_MS);
  assert.deepEqual(only(sent(settle(core).after, 'vote', C)), {
    type: 'vote',
    term: 4,
    lastIndex: 1,
    lastTerm: 3,
    transfer: true,
  });
});

test('where nobody is named, leadership goes to the voter that is furthest, not to the last that follows', () => {
  const core = established();
  core.step(C, accepts(1, 1), NOW_MS);
  settle(core);
  core.propose(ONE, NOW_MS);
  core.step(B, took(only(sent(settle(core).before, 'append'))), NOW_MS);
  settle(core);
  assert.equal(core.transferLeadership(null, NOW_MS), true);
  const { before } = settle(core);
  assert.deepEqual([sent(before, 'timeoutNow', B).length, sent(before, 'timeoutNow', C).length], [1, 0]);
});
