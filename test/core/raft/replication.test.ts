import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RaftMessage } from '../../../src/core/raft/types.ts';
import { B, bytes, C, elect, established, newCore, only, restored, sent, settle, took } from './harness.ts';

const NOW_MS = 5_000;

const commands = (count: number, size = 10): Uint8Array[] =>
  Array.from({ length: count }, () => bytes('x'.repeat(size)));

test('appends are sent ahead of their answers, within both limits, and begin before the own disk has answered', () => {
  const core = established({ limits: { entriesPerAppend: 2, appendsInFlight: 3 } });
  core.propose(commands(9), NOW_MS);
  const ready = core.takeReady();
  const appends = sent(ready.messagesNow, 'append');
  assert.deepEqual(
    appends.map(({ entries }) => entries.map(({ index }) => index)),
    [
      [2, 3],
      [4, 5],
      [6, 7],
    ],
  );
  core.acknowledge();
  settle(core);
  const [first] = appends;
  assert.ok(first !== undefined);
  core.step(B, took(first), NOW_MS);
  assert.deepEqual(
    sent(settle(core).before, 'append').map(({ entries }) => entries.length),
    [2],
  );
});

test('bytes under way are bounded too', () => {
  const core = established({ limits: { entriesPerAppend: 1, appendBytesInFlight: 100, bytesPerAppend: 50 } });
  core.propose(commands(9, 60), NOW_MS);
  assert.equal(sent(settle(core).before, 'append').length, 2);
});

test('a follower that is throttled gets a sign of life at each heartbeat, and no empty append before', () => {
  const core = established({ limits: { entriesPerAppend: 1, appendsInFlight: 1 } });
  core.propose(commands(3), NOW_MS);
  settle(core);
  core.step(
    C,
    { type: 'appendReply', term: 1, round: 1, outcome: { accepted: true, matchIndex: 1 } },
    NOW_MS,
  );
  assert.deepEqual(sent(settle(core).before, 'append'), []);
  core.tick(NOW_MS + 150);
  assert.deepEqual(only(sent(settle(core).before, 'append')).entries, []);
});

test('an append that was lost shows at the next heartbeat and is sent again', () => {
  const core = established();
  core.propose(commands(1), NOW_MS);
  settle(core);
  core.tick(NOW_MS + 150);
  const heartbeat = only(sent(settle(core).before, 'append'));
  assert.equal(heartbeat.previousIndex, 2);
  core.step(
    B,
    {
      type: 'appendReply',
      term: 1,
      round: heartbeat.round,
      outcome: { accepted: false, rejectedIndex: 2, hintIndex: 1, hintTerm: 1 },
    },
    NOW_MS + 150,
  );
  assert.deepEqual(
    only(sent(settle(core).before, 'append')).entries.map(({ index }) => index),
    [2],
  );
});

test('where logs differ the hint takes the leader there in one step', () => {
  const core = newCore({}, restored([1, 1, 2, 2, 5, 5, 5]));
  const probe = only(sent(elect(core).before, 'append'));
  assert.deepEqual([probe.previousIndex, probe.previousTerm], [7, 5]);
  const refusal: RaftMessage = {
    type: 'appendReply',
    term: 6,
    round: probe.round,
    outcome: { accepted: false, rejectedIndex: 7, hintIndex: 6, hintTerm: 3 },
  };
  core.step(B, refusal, NOW_MS);
  const next = only(sent(settle(core).before, 'append'));
  assert.deepEqual([next.previousIndex, next.previousTerm], [4, 2]);
  core.step(B, refusal, NOW_MS);
  assert.deepEqual(sent(settle(core).before, 'append'), []);
});

test('an answer that claims more than was ever written is nobody’s answer', () => {
  const core = established();
  core.step(
    C,
    { type: 'appendReply', term: 1, round: 1, outcome: { accepted: true, matchIndex: 99 } },
    NOW_MS,
  );
  core.step(
    C,
    { type: 'appendReply', term: 1, round: 99, outcome: { accepted: true, matchIndex: 1 } },
    NOW_MS,
  );
  assert.equal(core.status().matchIndex.get(C), 0);
});

/** A leader whose log begins behind what c, at index 0, needs. */
function withSnapshot(): ReturnType<typeof newCore> {
  const core = established(
    { limits: { snapshotChunkBytes: 4, entriesKeptBehindSnapshot: 0 } },
    restored([1, 1]),
  );
  core.compact(3, bytes('abcdefgh!'));
  settle(core);
  core.step(
    C,
    {
      type: 'appendReply',
      term: 2,
      round: 1,
      outcome: { accepted: false, rejectedIndex: 2, hintIndex: 0, hintTerm: 0 },
    },
    NOW_MS,
  );
  return core;
}

const held = (receivedBytes: number, round: number): RaftMessage => ({
  type: 'snapshotReply',
  term: 2,
  snapshot: { index: 3, term: 2 },
  receivedBytes,
  round,
});

test('a snapshot goes chunk by chunk, and entries follow once it is on the follower’s disk', () => {
  const core = withSnapshot();
  const sizes: number[] = [];
  for (let received = 0; received < 9; ) {
    const chunk = only(sent(settle(core).before, 'snapshotChunk', C));
    assert.equal(chunk.offset, received);
    received += chunk.data.byteLength;
    sizes.push(chunk.data.byteLength);
    core.step(C, held(received, chunk.round), NOW_MS);
  }
  assert.deepEqual(sizes, [4, 4, 1]);
  core.propose(commands(1), NOW_MS);
  const after = settle(core);
  assert.deepEqual(
    sent(after.before, 'append', C).map(({ previousIndex }) => previousIndex),
    [3],
  );
  assert.equal(core.status().matchIndex.get(C), 3);
});

test('a chunk or its answer that was lost is sent again after a time-out; a late answer does not multiply chunks', () => {
  const core = withSnapshot();
  const first = only(sent(settle(core).before, 'snapshotChunk', C));
  for (let nowMs = NOW_MS + 100; nowMs < NOW_MS + 1_000; nowMs += 100) {
    core.tick(nowMs);
    const { before } = settle(core);
    assert.deepEqual(sent(before, 'snapshotChunk', C), []);
    for (const peer of [B, C])
      for (const sign of sent(before, 'append', peer))
        core.step(
          peer,
          { type: 'appendReply', term: 2, round: sign.round, outcome: { accepted: true, matchIndex: 0 } },
          nowMs,
        );
    assert.deepEqual(sent(settle(core).before, 'snapshotChunk', C), []);
  }
  core.tick(NOW_MS + 1_000);
  const again = only(sent(settle(core).before, 'snapshotChunk', C));
  assert.equal(again.offset, 0);
  core.step(C, held(4, first.round), NOW_MS + 1_001);
  assert.deepEqual(sent(settle(core).before, 'snapshotChunk', C), []);
  core.step(C, held(4, again.round), NOW_MS + 1_001);
  assert.equal(only(sent(settle(core).before, 'snapshotChunk', C)).offset, 4);
});

test('a follower that lost its chunks starts over; one that needs no snapshot any more gets entries', () => {
  const core = withSnapshot();
  const first = only(sent(settle(core).before, 'snapshotChunk', C));
  core.step(C, held(4, first.round), NOW_MS);
  const second = only(sent(settle(core).before, 'snapshotChunk', C));
  core.step(C, held(0, second.round), NOW_MS);
  const third = only(sent(settle(core).before, 'snapshotChunk', C));
  assert.equal(third.offset, 0);
  core.step(
    C,
    { type: 'appendReply', term: 2, round: third.round, outcome: { accepted: true, matchIndex: 3 } },
    NOW_MS,
  );
  core.propose(commands(1), NOW_MS);
  assert.equal(only(sent(settle(core).before, 'append', C)).entries.length, 1);
});

test('followers that are equally far share one slice of the log', () => {
  const core = established();
  core.step(
    C,
    { type: 'appendReply', term: 1, round: 1, outcome: { accepted: true, matchIndex: 1 } },
    NOW_MS,
  );
  settle(core);
  core.propose(commands(3), NOW_MS);
  const { before } = settle(core);
  assert.equal(sent(before, 'append', B)[0]?.entries, sent(before, 'append', C)[0]?.entries);
});

test('a follower that was let in again without its log is probed from the start, and counts for nothing until then', () => {
  const core = established();
  core.propose(commands(3), NOW_MS);
  settle(core);
  const accepted = (matchIndex: number): RaftMessage => ({
    type: 'appendReply',
    term: 1,
    round: 1,
    outcome: { accepted: true, matchIndex },
  });
  core.step(B, accepted(4), NOW_MS);
  settle(core);
  assert.deepEqual([core.status().matchIndex.get(B), core.status().commitIndex], [4, 4]);

  core.forget(B);
  assert.equal(core.status().matchIndex.get(B), 0);
  core.propose(commands(1), NOW_MS);
  const probe = sent(settle(core).before, 'append').find(({ previousIndex }) => previousIndex === 4);
  assert.ok(probe !== undefined);
  const emptyLog: RaftMessage = {
    type: 'appendReply',
    term: 1,
    round: 1,
    outcome: { accepted: false, rejectedIndex: 4, hintIndex: 0, hintTerm: 0 },
  };
  core.step(B, emptyLog, NOW_MS);
  const again = sent(settle(core).before, 'append').find(({ previousIndex }) => previousIndex === 0);
  assert.deepEqual(
    again?.entries.map(({ index }) => index),
    [1, 2, 3, 4, 5],
  );
  assert.equal(core.status().commitIndex, 4);
  core.step(B, accepted(5), NOW_MS);
  settle(core);
  assert.equal(core.status().commitIndex, 5);
});
