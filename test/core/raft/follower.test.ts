import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { isWellFormed } from '../../../src/core/raft/follower.ts';
import type { RaftMessage } from '../../../src/core/raft/types.ts';
import { append, B, bytes, C, entry, newCore, only, restored, sent, settle } from './harness.ts';

const NOW_MS = 5_000;

const chunk = (
  index: number,
  term: number,
  offset: number,
  text: string,
  totalBytes: number,
): RaftMessage => ({
  type: 'snapshotChunk',
  term,
  snapshot: { index, term },
  offset,
  totalBytes,
  data: bytes(text),
  round: 3,
});

test('entries, their term and the answer: written in one batch, answered only after it', () => {
  const core = newCore({}, restored([1]));
  core.step(B, append(2, [1, 1], [entry(2, 2), entry(3, 2)], 2), NOW_MS);
  const ready = core.takeReady();
  assert.deepEqual(ready.messagesNow, []);
  assert.deepEqual(ready.persist?.hardState, { term: 2, votedFor: null, commitIndex: 2 });
  assert.equal(ready.persist?.entries.length, 2);
  assert.equal(core.status().commitIndex, 1);
  const done = core.acknowledge();
  assert.deepEqual(only(sent(done.messages, 'appendReply')).outcome, { accepted: true, matchIndex: 3 });
  assert.deepEqual(
    done.committed.map(({ index }) => index),
    [1, 2],
  );
});

test('a gap or another term is refused with where the logs may still agree', () => {
  const core = newCore({}, restored([1, 1, 4, 4]));
  core.step(B, append(5, [9, 5]), NOW_MS);
  assert.deepEqual(only(sent(settle(core).after, 'appendReply')).outcome, {
    accepted: false,
    rejectedIndex: 9,
    hintIndex: 4,
    hintTerm: 4,
  });
  core.step(B, append(5, [4, 3]), NOW_MS);
  assert.deepEqual(only(sent(settle(core).after, 'appendReply')).outcome, {
    accepted: false,
    rejectedIndex: 4,
    hintIndex: 2,
    hintTerm: 1,
  });
});

test('what contradicts is cut, what is held already is not, however old the message', () => {
  const core = newCore({}, restored([1, 1, 1, 1]));
  core.step(B, append(2, [1, 1], [entry(2, 1), entry(3, 2)]), NOW_MS);
  const batch = only(settle(core).batches);
  assert.equal(batch.truncateFrom, 3);
  assert.deepEqual(
    batch.entries.map(({ index, term }) => [index, term]),
    [[3, 2]],
  );
  core.step(B, append(2, [1, 1], [entry(2, 1)]), NOW_MS);
  settle(core);
  assert.equal(core.status().lastIndex, 3);
});

test('a committed entry is never replaced: that would be a bug worth stopping for', () => {
  const core = newCore({}, restored([1, 1], { commitIndex: 1 }));
  core.step(B, append(2, [1, 1], [entry(2, 1), entry(3, 2)], 3), NOW_MS);
  settle(core);
  core.step(B, append(2, [0, 0], [entry(1, 2)]), NOW_MS);
  assert.deepEqual(only(sent(settle(core).after, 'appendReply')).outcome, { accepted: true, matchIndex: 3 });
  core.step(B, append(2, [3, 2], [entry(4, 2)], 4), NOW_MS);
  assert.throws(() => core.step(C, append(2, [4, 2]), NOW_MS), InvariantError);
});

test('a commit index is believed only as far as this message vouches for the log', () => {
  const core = newCore({}, restored([1, 1, 1]));
  core.step(B, append(2, [1, 1], [entry(2, 1)], 3), NOW_MS);
  settle(core);
  assert.equal(core.status().commitIndex, 2);
});

test('a leader of an earlier term is told, and its entries are not taken', () => {
  const core = newCore({}, restored([1], { term: 5 }));
  core.step(B, append(4, [1, 1], [entry(2, 4)]), NOW_MS);
  const answer = only(sent(settle(core).after, 'appendReply'));
  assert.equal(answer.term, 5);
  assert.equal(core.status().lastIndex, 1);
  assert.equal(core.status().leader, null);
});

test('entries that do not follow each other or their message are nobody’s entries', () => {
  const core = newCore({}, restored([1]));
  for (const entries of [[entry(3, 1)], [entry(2, 1), entry(4, 1)], [entry(2, 3)], [entry(2, 0)]])
    core.step(B, append(2, [1, 1], entries), NOW_MS);
  assert.equal(core.hasReady(), false);
  assert.equal(isWellFormed(append(2, [1, 1], [entry(2, 1), entry(3, 2)])), true);
});

test('a snapshot replaces a log that does not lead up to it; nothing follows it before it is on disk', () => {
  const core = newCore({}, restored([1, 1, 1]));
  core.step(B, chunk(9, 2, 0, 'ab', 4), NOW_MS);
  assert.equal(only(sent(settle(core).after, 'snapshotReply')).receivedBytes, 2);
  core.step(B, chunk(9, 2, 2, 'cd', 4), NOW_MS);
  core.step(B, append(2, [9, 2], [entry(10, 2)]), NOW_MS);
  const installed = settle(core);
  const batch = only(installed.batches);
  assert.deepEqual(batch.entries, []);
  assert.equal(batch.snapshot?.index, 9);
  assert.equal(batch.hardState?.commitIndex, 9);
  assert.deepEqual(only(installed.restored).data, new Uint8Array(bytes('abcd')));
  assert.equal(only(sent(installed.after, 'snapshotReply')).receivedBytes, 4);
  core.step(B, append(2, [9, 2], [entry(10, 2)], 10), NOW_MS);
  assert.deepEqual(
    settle(core).committed.map(({ index }) => index),
    [10],
  );
});

test('a snapshot of what is here already is refused by saying how far this node is', () => {
  const core = newCore({}, restored([1, 1, 1], { commitIndex: 2 }));
  settle(core);
  core.step(B, chunk(2, 1, 0, 'ab', 2), NOW_MS);
  assert.deepEqual(only(sent(settle(core).after, 'appendReply')).outcome, { accepted: true, matchIndex: 2 });
  core.step(B, chunk(3, 1, 0, 'ab', 2), NOW_MS);
  const ahead = settle(core);
  assert.deepEqual(ahead.restored, []);
  assert.deepEqual(
    ahead.committed.map(({ index }) => index),
    [3],
  );
  assert.equal(core.status().lastIndex, 3);
});
