import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  branchLineage,
  comparePlaces,
  continuationOf,
  placeInHistory,
} from '../../../src/core/failover/history-place.ts';
import { epoch, lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, M, processOf, reign, report } from './group-fixture.ts';

const reigns = [reign(1, M, 0n), reign(2, B1, 950n)];
const history = { reigns, attempts: [] };
const on = (name: string, offset: bigint, second: string | null = null, secondOffset = -1n) =>
  report(A2, offset, {
    lineage: lineage(name),
    secondLineage: second === null ? null : lineage(second),
    secondOffset,
  });
const placeOf = (...of: Parameters<typeof placeInHistory>) => {
  const { place } = placeInHistory(...of);
  return place === null ? null : `${place.epoch}@${place.offset}`;
};

test('a slave that names the new lineage before it has caught up stands in the old reign', () => {
  assert.equal(placeOf(on('L2', 960n), history, null), '2@960');
  assert.equal(placeOf(on('L2', 950n), history, null), '1@950');
  assert.equal(placeOf(on('L2', 900n), history, null), '1@900');
  assert.equal(placeOf(on('L1', 900n), history, null), '1@900');
});

test('a tail beyond a later cut has left the history, whichever cut is passed', () => {
  assert.equal(placeOf(on('L1', 951n), history, null), null);
  // An operator promoted a server unsafely from far behind: the newest cut is the lowest.
  const unsafe = { reigns: [...reigns, reign(3, M, 300n)], attempts: [] };
  assert.equal(placeOf(on('L1', 350n), unsafe, null), null);
  assert.equal(placeOf(on('L1', 300n), unsafe, null), '1@300');
  assert.equal(placeOf(on('L3', 320n), unsafe, null), '3@320');
});

test('a promoted server that wrote nothing stands where its old lineage put it', () => {
  assert.equal(placeOf(on('X', 940n, 'L2', 941n), history, lineage('X')), '1@940');
  assert.equal(placeOf(on('X', 970n, 'L2', 960n), history, lineage('X')), null);
  assert.equal(placeOf(on('X', 940n), history, lineage('X')), null);
});

test('beyond the cut of the one unfinished promotion its branch outranks the reign that it was to end', () => {
  const tried = { reigns, attempts: [{ epoch: epoch(3), candidate: A2, cut: 1_000n }] };
  assert.equal(placeOf(on('X', 1_010n, 'L2', 1_001n), tried, lineage('X')), '3@1010');
  // A slave that attached to it: its own second offset is where it attached, not where the branch began.
  assert.equal(placeOf(on('X', 990n, 'L2', 981n), tried, lineage('X')), '2@990');
  assert.equal(placeOf(on('L2', 1_020n), tried, lineage('X')), '2@1020');
  assert.equal(
    placeOf(on('X', 1_010n, 'L2', 1_001n), tried, null),
    null,
    'several branches: nobody can tell',
  );
  const twice = { reigns, attempts: [...tried.attempts, { epoch: epoch(4), candidate: B1, cut: 1_005n }] };
  assert.equal(placeOf(on('X', 1_010n, 'L2', 1_001n), twice, lineage('X')), null);
});

test('a promotion that failed before the newest reign bounds the lineages before it', () => {
  const past = {
    reigns: [reign(1, M, 0n), reign(3, B1, 980n)],
    attempts: [{ epoch: epoch(2), candidate: A2, cut: 950n }],
  };
  assert.equal(placeOf(on('L1', 970n), past, null), null);
  assert.equal(placeOf(on('L1', 950n), past, null), '1@950');
  assert.equal(placeOf(on('L3', 970n), past, null), '1@970');
});

test('places compare by epoch, then offset', () => {
  const at = (number: number, offset: bigint) => ({ epoch: epoch(number), offset });
  assert.ok(comparePlaces(at(2, 10n), at(1, 99n)) > 0);
  assert.ok(comparePlaces(at(1, 98n), at(1, 99n)) < 0);
  assert.equal(comparePlaces(at(1, 99n), at(1, 99n)), 0);
});

test('only a single unknown lineage can be the branch', () => {
  assert.equal(branchLineage([on('L1', 1n), on('X', 1n), on('X', 2n)], reigns), 'X');
  assert.equal(branchLineage([on('Y', 1n), on('X', 1n)], reigns), null);
  assert.equal(branchLineage([on('L2', 1n)], reigns), null);
});

test('a reign goes on under the replication id that its own process answers with, and under no other', () => {
  const [, newest] = reigns;
  assert.ok(newest !== undefined);
  const answers = (change: Parameters<typeof report>[2] = {}) =>
    report(B1, 990n, {
      role: 'master',
      lineage: lineage('X'),
      secondLineage: lineage('L2'),
      secondOffset: 981n,
      ...change,
    });
  assert.deepEqual(continuationOf(newest, B1, answers()), { ...newest, lineage: lineage('X'), cut: 980n });
  assert.equal(continuationOf(newest, A2, answers()), null, 'another server');
  assert.equal(
    continuationOf(newest, B1, answers({ incarnation: processOf(B1, 2) })),
    null,
    'another process',
  );
  assert.equal(continuationOf(newest, B1, answers({ loading: true })), null);
  assert.equal(continuationOf(newest, B1, answers({ lineage: lineage('L2') })), null, 'nothing new');
  assert.equal(
    continuationOf(newest, B1, answers({ secondLineage: lineage('L1') })),
    null,
    'not from the reign',
  );
  assert.equal(continuationOf(newest, B1, answers({ secondOffset: 900n })), null, 'from before it began');
  assert.equal(
    continuationOf(newest, B1, answers({ secondOffset: 1_200n })),
    null,
    'from beyond what it holds',
  );
});
