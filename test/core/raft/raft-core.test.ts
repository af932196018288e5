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

test('nothing is stepped between taking a batch and finishing it', () => {
  const core = newCore();
  core.step(B, append(1, [0, 0], [entry(1, 1)]), NOW_MS);
  core.takeReady();
  assert.throws(() => core.step(B, append(1, [0, 0]), NOW_MS), InvariantError);
  assert.throws(() => core.tick(NOW_MS), InvariantError);
  assert.throws(() => core.propose([], NOW_MS), InvariantError);
  assert.throws(() => core.requestRead(1, NOW_MS), InvariantError);
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
