import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Branches } from '../../../src/core/failover/branches.ts';
import {
  comparePlaces,
  continuationOf,
  holdsBeginning,
  placeInHistory,
} from '../../../src/core/failover/history-place.ts';
import { epoch, lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, givenUp, M, processOf, reign, report } from './group-fixture.ts';

const reigns = [reign(1, M, 0n), reign(2, B1, 950n)];
const history = { reigns, givenUp: [] };
const on = (name: string, offset: bigint, second: string | null = null, secondOffset = -1n) =>
  report(A2, offset, {
    lineage: lineage(name),
    secondLineage: second === null ? null : lineage(second),
    secondOffset,
  });
const branches = (...known: readonly (readonly [string, number])[]): Branches =>
  new Map(known.map(([name, number]) => [lineage(name), epoch(number)]));
const placeOf = (...of: Parameters<typeof placeInHistory>) => {
  const { place } = placeInHistory(...of);
  return place === null ? null : `${place.epoch}@${place.offset}`;
};
const at = (number: number, offset: bigint) => ({ epoch: epoch(number), offset });

test('a slave that names the new lineage before it has caught up stands in the old reign', () => {
  assert.equal(placeOf(on('L2', 960n), history, branches()), '2@960');
  assert.equal(placeOf(on('L2', 950n), history, branches()), '1@950');
  assert.equal(placeOf(on('L2', 900n), history, branches()), '1@900');
  assert.equal(placeOf(on('L1', 900n), history, branches()), '1@900');
});

test('a tail beyond a later cut has left the history, whichever cut is passed', () => {
  assert.equal(placeOf(on('L1', 951n), history, branches()), null);
  // An operator promoted a server unsafely from far behind: the newest cut is the lowest.
  const unsafe = { reigns: [...reigns, reign(3, M, 300n)], givenUp: [] };
  assert.equal(placeOf(on('L1', 350n), unsafe, branches()), null);
  assert.equal(placeOf(on('L1', 300n), unsafe, branches()), '1@300');
  assert.equal(placeOf(on('L3', 320n), unsafe, branches()), '3@320');
});

test('a promoted server that wrote nothing stands where its old lineage put it', () => {
  assert.equal(placeOf(on('X', 940n, 'L2', 941n), history, branches()), '1@940');
  assert.equal(placeOf(on('X', 970n, 'L2', 960n), history, branches()), null);
  assert.equal(placeOf(on('X', 940n), history, branches()), null);
});

test('beyond the cut of a promotion given up its branch outranks the reign that it was to end', () => {
  const tried = {
    reigns,
    givenUp: [givenUp(3, A2, 1_000n, { cutLineage: lineage('L2'), cutEpoch: epoch(2) })],
  };
  const known = branches(['X', 3]);
  assert.equal(placeOf(on('X', 1_010n, 'L2', 1_001n), tried, known), '3@1010');
  // A slave that attached to it: its own second offset is where it attached, not where the branch began.
  assert.equal(placeOf(on('X', 990n, 'L2', 981n), tried, known), '2@990');
  assert.equal(placeOf(on('X', 990n), tried, known), '2@990');
  assert.equal(placeOf(on('L2', 1_020n), tried, known), '2@1020');
  assert.equal(placeOf(on('X', 1_010n, 'L2', 1_001n), tried, branches()), null, 'nobody can tell');
});

/** Promotion 3 went on from the second reign, 4 from it too, 5 from promotion 3. */
const forked = {
  reigns,
  givenUp: [
    givenUp(3, A2, 1_000n, { cutLineage: lineage('L2'), cutEpoch: epoch(2) }),
    givenUp(4, B2, 1_005n, { cutLineage: lineage('L2'), cutEpoch: epoch(2) }),
    givenUp(5, A2, 1_020n, { cutLineage: lineage('X'), cutEpoch: epoch(3) }),
  ],
};
const known = branches(['X', 3], ['Y', 4], ['Z', 5]);

test('a branch off a branch: each byte belongs to whoever wrote it', () => {
  const places = [1_030n, 1_020n, 1_000n, 950n].map((offset) => placeOf(on('Z', offset), forked, known));
  assert.deepEqual(places, ['5@1030', '3@1020', '2@1000', '1@950']);
  assert.equal(placeOf(on('Y', 1_030n), forked, known), '4@1030');
});

test('who was read on a lineage that nobody could place stands on what its candidate was placed on', () => {
  const unnamed = { reigns, givenUp: [givenUp(3, A2, 940n, { cutLineage: lineage('W') })] };
  assert.equal(placeOf(on('W', 930n), unnamed, branches()), '1@930');
  assert.equal(placeOf(on('W', 941n), unnamed, branches()), null);
  assert.equal(placeOf(on('X', 930n, 'W', 941n), unnamed, branches()), '1@930');
});

test('where the beginning of a promotion is not known, only whoever holds all of it has a place', () => {
  const unsafe = { reigns, givenUp: [givenUp(3, A2, 1_000n, { cutLineage: lineage('W'), cutEpoch: null })] };
  assert.equal(placeOf(on('X', 1_001n), unsafe, branches(['X', 3])), '3@1001');
  assert.equal(placeOf(on('X', 1_000n), unsafe, branches(['X', 3])), '3@1000');
  assert.equal(placeOf(on('W', 1_000n), unsafe, branches()), '3@1000');
  assert.equal(placeOf(on('X', 999n), unsafe, branches(['X', 3])), null);
  assert.equal(placeOf(on('W', 999n), unsafe, branches()), null);
  const forgotten = { reigns, givenUp: [givenUp(4, A2, 1_000n, { cutEpoch: epoch(3) })] };
  assert.equal(placeOf(on('X', 990n), forgotten, branches(['X', 4])), null);
});

test('whoever holds what a reign or a promotion began with is on its stream, or on the same way before it', () => {
  const begun = (place: ReturnType<typeof at>) =>
    [1, 2, 3, 4, 5].filter((number) => holdsBeginning(place, epoch(number), forked));
  assert.deepEqual(begun(at(1, 940n)), [1]);
  assert.deepEqual(begun(at(1, 950n)), [1, 2]);
  assert.deepEqual(begun(at(2, 1_000n)), [1, 2, 3]);
  assert.deepEqual(begun(at(2, 1_010n)), [1, 2, 3, 4]);
  assert.deepEqual(begun(at(3, 1_010n)), [1, 2, 3]);
  assert.deepEqual(begun(at(3, 1_020n)), [1, 2, 3, 5]);
  assert.deepEqual(begun(at(4, 1_900n)), [1, 2, 3, 4]);
  assert.deepEqual(begun(at(5, 1_021n)), [1, 2, 3, 5]);
});

test('a branch that left the chain early holds no later beginning of it', () => {
  const early = { reigns, givenUp: [givenUp(3, A2, 900n)] };
  assert.equal(holdsBeginning(at(3, 990n), epoch(2), early), false);
  assert.equal(holdsBeginning(at(3, 990n), epoch(3), early), true);
});

test('what nobody could place is held by none but those who went on from it', () => {
  const unsafe = {
    reigns,
    givenUp: [givenUp(3, A2, 900n, { cutEpoch: null }), givenUp(4, A2, 950n, { cutEpoch: epoch(3) })],
  };
  assert.equal(holdsBeginning(at(2, 990n), epoch(3), unsafe), false);
  assert.equal(holdsBeginning(at(3, 901n), epoch(3), unsafe), true);
  assert.equal(holdsBeginning(at(4, 951n), epoch(3), unsafe), true);
  const forgotten = { reigns, givenUp: [givenUp(4, A2, 900n, { cutEpoch: epoch(3) })] };
  assert.equal(holdsBeginning(at(2, 990n), epoch(4), forgotten), false);
});

test('places compare by epoch, then offset', () => {
  assert.ok(comparePlaces(at(2, 10n), at(1, 99n)) > 0);
  assert.ok(comparePlaces(at(1, 98n), at(1, 99n)) < 0);
  assert.equal(comparePlaces(at(1, 99n), at(1, 99n)), 0);
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
