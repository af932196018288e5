import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import {
  A,
  append,
  B,
  bytes,
  EMPTY,
  entry,
  established,
  newCore,
  only,
  restored,
  sent,
  settle,
  took,
} from './harness.ts';

const NOW_MS = 5_000;

test('nothing that could change a batch is stepped between taking it and finishing it', () => {
  const core = newCore();
  core.step(B, append(1, [0, 0], [entry(1, 1)]), NOW_MS);
  core.takeReady();
  const answer = {
    type: 'appendReply',
    term: 1,
    round: 1,
    outcome: { accepted: true, matchIndex: 1 },
  } as const;
  for (const message of [append(1, [0, 0]), answer]) {
    assert.equal(core.mayStepAhead(message), false, 'a follower steps nothing ahead');
    assert.throws(() => core.step(B, message, NOW_MS), InvariantError);
  }
  assert.throws(() => core.tick(NOW_MS), InvariantError);
  assert.equal(core.propose([], NOW_MS), null);
  assert.equal(core.requestRead(1, NOW_MS), false);
  assert.throws(() => core.transferLeadership(null, NOW_MS), InvariantError);
  assert.throws(() => core.compact(1, bytes('')), InvariantError);
  assert.throws(() => core.takeReady(), InvariantError);
  core.acknowledge();
  assert.throws(() => core.acknowledge(), InvariantError);
});

test('messages from this node itself and from strangers are ignored', () => {
  const core = newCore();
  for (const from of [A, nodeName('stranger')]) core.step(from, append(9, [0, 0], [entry(1, 9)]), NOW_MS);
  assert.equal(core.hasReady(), false);
  assert.equal(core.status().term, 0);
});

test('a single voter works alone, from its first tick, and by its own disk', () => {
  const core = newCore({ voters: [A] });
  core.tick(0);
  settle(core);
  assert.deepEqual([core.status().role, core.status().term, core.status().commitIndex], ['leader', 1, 1]);
  core.propose([bytes('x')], 10);
  assert.equal(core.requestRead(1, 10), true);
  core.takeReady();
  assert.equal(core.status().commitIndex, 1);
  const done = core.acknowledge();
  assert.deepEqual(
    done.committed.map(({ index }) => index),
    [2],
  );
  assert.deepEqual(
    done.confirmedReads.map(({ readId, index }) => [readId, index]),
    [[1, 1]],
  );
  core.tick(5_000);
  settle(core);
  assert.equal(core.status().leaseUntilMs, 5_900);
});

test('a change of the commit index alone is applied but not written', () => {
  const core = newCore();
  core.step(B, append(1, [0, 0], [entry(1, 1)]), NOW_MS);
  settle(core);
  core.step(B, append(1, [1, 1], [], 1), NOW_MS);
  const learned = settle(core);
  assert.deepEqual(learned.batches, []);
  assert.equal(learned.committed.length, 1);
  core.step(B, append(1, [1, 1], [entry(2, 1)], 1), NOW_MS);
  assert.equal(only(settle(core).batches).hardState?.commitIndex, 1);
});

test('after a restart the committed entries behind the snapshot come out once, in bounded portions', () => {
  const log = {
    ...restored([1, 1, 1, 1, 1], { commitIndex: 4 }),
    snapshot: { index: 1, term: 1, data: bytes('s') },
  };
  const core = newCore({ limits: { entriesPerApply: 2 } }, log);
  assert.equal(core.status().appliedIndex, 1);
  core.takeReady();
  assert.deepEqual(
    core.acknowledge().committed.map(({ index }) => index),
    [2, 3],
  );
  const rest = settle(core);
  assert.deepEqual(
    rest.committed.map(({ index }) => index),
    [4],
  );
  assert.deepEqual(rest.restored, []);
});

test('a snapshot is taken of what was applied, and written with the next batch', () => {
  const core = established({ limits: { entriesKeptBehindSnapshot: 1 } });
  core.propose([bytes('x'), bytes('y')], NOW_MS);
  core.step(B, took(only(sent(settle(core).before, 'append'))), NOW_MS);
  settle(core);
  assert.throws(() => core.compact(4, bytes('s')), InvariantError);
  core.compact(3, bytes('s'));
  assert.equal(core.status().snapshotIndex, 3);
  const batch = only(settle(core).batches);
  assert.deepEqual([batch.snapshot?.index, batch.snapshot?.term, batch.compactBelow], [3, 1, 4]);
  core.compact(2, bytes('older'));
  assert.equal(core.hasReady(), false);
});

test('sizes are byte lengths, and long logs are never spread over arguments', () => {
  const core = newCore({ voters: [A] });
  core.tick(0);
  settle(core);
  const data = bytes('x');
  const commands = Array.from({ length: 250_000 }, () => data);
  assert.equal(core.propose(commands, 1)?.indexes.length, 250_000);
  const { committed, batches } = settle(core);
  assert.equal(committed.length, 250_000);
  assert.equal(committed[7]?.data, data, 'data is passed on, not copied');
  assert.equal(batches[0]?.entries.length, 250_000);
});

test('two leaders in one term stop the node', () => {
  const core = established();
  assert.throws(() => core.step(B, append(1, [0, 0]), NOW_MS), InvariantError);
});

test('time that runs backwards counts as standing still', () => {
  const core = newCore({}, EMPTY, 10_000);
  core.tick(0);
  core.step(B, append(1, [0, 0]), 0);
  settle(core);
  core.tick(10_999);
  assert.equal(core.status().role, 'follower');
});

/** A leader of term 1 whose batch with the commands is on its way to the disk, and what it sent because of it. */
function withBatchOut(...commands: string[]) {
  const core = established();
  core.propose(
    commands.map((text) => bytes(text)),
    NOW_MS,
  );
  const ready = core.takeReady();
  assert.ok(ready.persist !== null);
  return { core, appends: sent(ready.messagesNow, 'append'), batch: ready.persist };
}

test('a leader takes commands and sends them on while its own batch is on its way, and writes them with the next', () => {
  const { core, batch } = withBatchOut('x');
  assert.deepEqual(core.propose([bytes('y')], NOW_MS)?.indexes, [3]);
  assert.equal(core.hasAhead(), true);
  const { messagesNow } = core.takeAhead();
  assert.deepEqual(
    only(sent(messagesNow, 'append')).entries.map(({ index }) => index),
    [3],
  );
  assert.deepEqual(
    batch.entries.map(({ index }) => index),
    [2],
    'the batch that is out stays what it was',
  );
  core.acknowledge();
  assert.deepEqual(
    core.takeReady().persist?.entries.map(({ index }) => index),
    [3],
  );
});

test('an answer taken ahead commits what the own disk holds, and nothing that is only on its way there', () => {
  const { core, appends } = withBatchOut('x');
  core.acknowledge();
  core.propose([bytes('y')], NOW_MS);
  const next = core.takeReady();
  // The follower has both commands; of these the first is on this node's disk, the second is not.
  for (const each of [only(appends), only(sent(next.messagesNow, 'append'))])
    core.step(B, took(each), NOW_MS);
  assert.deepEqual(
    core.takeAhead().committed.map(({ index }) => index),
    [2],
  );
  assert.equal(core.status().commitIndex, 2);
  assert.deepEqual(
    core.acknowledge().committed.map(({ index }) => index),
    [3],
  );
});

test('what could depose the leader is not taken ahead', () => {
  const { core, appends } = withBatchOut('x');
  const answer = took(only(appends));
  assert.equal(core.mayStepAhead(answer), true);
  for (const message of [{ ...answer, term: 2 }, append(2, [0, 0]), append(1, [0, 0])]) {
    assert.equal(core.mayStepAhead(message), false);
    assert.throws(() => core.step(B, message, NOW_MS), InvariantError);
  }
});

test('a read is confirmed while a batch is out', () => {
  const { core } = withBatchOut('x');
  assert.equal(core.requestRead(7, NOW_MS), true);
  const asked = only(sent(core.takeAhead().messagesNow, 'append'));
  core.step(B, took(asked), NOW_MS);
  const { readId, index } = only(core.takeAhead().confirmedReads);
  assert.deepEqual([readId, index], [7, 1]);
});

test('messages and batches of a leader hold half of what is under way, but not less than is worth a write', () => {
  const core = established({ limits: { entriesWorthAWrite: 4 } });
  const sizesOf = (count: number): number[][] => {
    core.propose(
      Array.from({ length: count }, () => bytes('x')),
      NOW_MS,
    );
    const { messagesNow, persist } = core.takeReady();
    const appends = sent(messagesNow, 'append');
    const sizes = appends.map(({ entries }) => entries.length);
    core.acknowledge();
    for (const each of appends) core.step(B, took(each), NOW_MS);
    settle(core);
    return [sizes, [persist?.entries.length ?? 0]];
  };
  assert.deepEqual(sizesOf(20), [[10, 10], [10]]);
  assert.deepEqual(sizesOf(7), [[4, 3], [4]]);
  assert.deepEqual(sizesOf(3), [[3], [3]]);
});

test('a follower that installs a snapshot has nothing to do ahead, although it knows of commits', () => {
  const core = newCore({}, restored([1, 1, 1, 1]));
  core.step(B, append(1, [4, 1], [], 4), NOW_MS);
  const data = bytes('state up to 9');
  const chunk = { offset: 0, totalBytes: data.byteLength, data, round: 2 };
  core.step(B, { type: 'snapshotChunk', term: 1, snapshot: { index: 9, term: 1 }, ...chunk }, NOW_MS);
  assert.ok(core.takeReady().persist?.snapshot);
  assert.equal(core.hasAhead(), false);
  assert.throws(() => core.takeAhead(), InvariantError);
  assert.equal(core.acknowledge().snapshotToRestore?.index, 9);
});

test('the next full batch of a leader is taken at once, and its messages wait for what is gathered', () => {
  const core = established({ limits: { entriesWorthAWrite: 2 } });
  const commands = (count: number) => Array.from({ length: count }, () => bytes('x'));
  core.propose(commands(4), NOW_MS);
  core.takeReady();
  core.acknowledge();
  assert.equal(core.isWriteDue(), true, 'half of it waits');
  core.propose(commands(1), NOW_MS);
  const { messagesNow, persist } = core.takeReady(true);
  assert.deepEqual(messagesNow, []);
  assert.equal(persist?.entries.length, 3);
  assert.equal(core.hasAhead(), true);
  assert.deepEqual(
    only(sent(core.takeAhead().messagesNow, 'append')).entries.map(({ index }) => index),
    [6],
  );
  core.acknowledge();
  assert.equal(core.isWriteDue(), false);
});
