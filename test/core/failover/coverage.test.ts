import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  coverageOf,
  describeUncovered,
  missingOf,
  type ServerRead,
} from '../../../src/core/failover/coverage.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import { epoch, lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, givenUp, group, M, memberOf, processOf, read, reign, syncSet } from './group-fixture.ts';

const uncoveredVersions = (of: BrokerGroup, reads: readonly ServerRead[]) =>
  coverageOf(of, reads).uncovered.map((set) => set.version);

test('two of three cover k = 2, one does not', () => {
  assert.deepEqual(uncoveredVersions(group(), [read(B1, 10n), read(B2, 10n)]), []);
  assert.deepEqual(uncoveredVersions(group(), [read(B1, 10n)]), [1]);
});

test('a server at offset 0 does not count where anything was ever written: a resync that was cut short left it so', () => {
  const coverage = coverageOf(group(), [read(A2, 0n), read(B1, 10n), read(B2, 10n)]);
  assert.deepEqual(
    coverage.excluded.map((one) => one.replica),
    [A2],
  );
  assert.match(coverage.excluded[0]?.why ?? '', /cut short/);
  const untouched = group({ reigns: [reign(1, M, 0n)] });
  assert.equal(coverageOf(untouched, [read(A2, 0n), read(B1, 0n)]).excluded.length, 0);
});

test('a loading, resyncing, restarted or foreign server does not count, and is told why', () => {
  const reads: ServerRead[] = [
    read(A2, 10n, { loading: true }),
    { ...read(B1, 10n), wasSyncing: true },
    read(B2, 10n, { incarnation: processOf(B2, 2) }),
    read(M, 10n, { incarnation: processOf(M, 2) }),
  ];
  const coverage = coverageOf(group(), reads);
  assert.deepEqual(coverage.counted, []);
  assert.equal(coverage.excluded.length, 4);
  assert.ok(coverage.excluded.every((one) => one.why.length > 10));
  const foreign = coverageOf(group(), [read(B1, 10n, { lineage: lineage('X') })]);
  assert.match(foreign.excluded[0]?.why ?? '', /not one of this group/);
  const resyncing = read(B1, 10n);
  const follows = { address: 'x', linkUp: false, syncing: true, lastReceivedSecondsAgo: -1 };
  assert.equal(
    coverageOf(group(), [{ ...resyncing, report: { ...resyncing.report, follows } }]).counted.length,
    0,
  );
});

test('the master itself, the same process, covers every rule of its reign and of those before', () => {
  const sets = [syncSet([A2, B1], 1), syncSet([A2, B1, B2], 2, { version: 2 })];
  assert.deepEqual(uncoveredVersions(group({ syncSets: sets }), [read(M, 10n)]), []);
  const newer = syncSet([M, B2], 1, { version: 3, epoch: epoch(2) });
  assert.deepEqual(uncoveredVersions(group({ syncSets: [...sets, newer] }), [read(M, 10n)]), [3]);
});

test('a rule of an earlier reign is met by whoever holds all that a later reign began with', () => {
  const of = group({
    epoch: epoch(2),
    master: B1,
    reigns: [reign(1, M, 0n), reign(2, B1, 950n)],
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([A2], 1, { version: 2, epoch: epoch(2) })],
  });
  assert.deepEqual(uncoveredVersions(of, [read(A2, 960n, { lineage: lineage('L2') })]), []);
  assert.deepEqual(uncoveredVersions(of, [read(A2, 950n)]), []);
  assert.deepEqual(uncoveredVersions(of, [read(A2, 949n)]), [1]);
  // It names the new lineage already, but what it lacks was acknowledged in the old reign.
  assert.deepEqual(uncoveredVersions(of, [read(A2, 940n, { lineage: lineage('L2') })]), [1]);
});

test('a rule under a promotion that was given up is not met by the reign before it', () => {
  const of = group({
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([B2], 1, { version: 2, epoch: epoch(2) })],
    givenUp: [givenUp(2, B1, 950n, { members: [memberOf(B2)] })],
  });
  assert.deepEqual(uncoveredVersions(of, [read(M, 990n)]), [2]);
  assert.deepEqual(uncoveredVersions(of, [read(B2, 950n)]), []);
  assert.deepEqual(uncoveredVersions(of, [read(B2, 940n), read(A2, 930n)]), []);
  assert.deepEqual(uncoveredVersions(of, [read(B2, 940n)]), [1]);
});

const branch = (name: string, from = 'L1', offset = 950n) => ({
  lineage: lineage(name),
  secondLineage: lineage(from),
  secondOffset: offset,
});

test('the candidate of a promotion given up, the same process, covers its rule and all before', () => {
  const of = group({
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([], 0, { version: 2, epoch: epoch(2), degraded: true })],
    givenUp: [givenUp(2, B1, 950n)],
  });
  assert.deepEqual(uncoveredVersions(of, [read(B1, 970n, branch('X'))]), []);
  // It was never told.
  assert.deepEqual(uncoveredVersions(of, [read(B1, 950n)]), []);
  // It is another process, lost data behind its lineage, or was never let in there.
  assert.deepEqual(
    uncoveredVersions(of, [read(B1, 970n, { ...branch('X'), incarnation: processOf(B1, 2) })]),
    [1, 2],
  );
  assert.deepEqual(uncoveredVersions(of, [read(B1, 940n)]), [1, 2]);
  assert.deepEqual(uncoveredVersions(of, [read(B2, 940n), read(A2, 990n, branch('X'))]), [1, 2]);
  assert.deepEqual(
    uncoveredVersions(of, [read(B2, 970n)]),
    [2],
    'it holds what that began with, and no more',
  );
});

test('a candidate that is a member of no rule any more counts as the master that it may have been', () => {
  const of = group({
    syncSets: [syncSet([A2, B2], 2), syncSet([], 0, { version: 2, epoch: epoch(2), degraded: true })],
    givenUp: [givenUp(2, B1, 950n)],
  });
  assert.deepEqual(uncoveredVersions(of, [read(B1, 970n, branch('X'))]), []);
});

test('of several promotions given up, each rule is met by whoever holds what a later one began with', () => {
  const of = group({
    syncSets: [
      syncSet([A2, B1, B2], 2),
      syncSet([B2], 1, { version: 2, epoch: epoch(2) }),
      syncSet([A2], 1, { version: 3, epoch: epoch(3) }),
    ],
    givenUp: [
      givenUp(2, B1, 950n, { members: [memberOf(B2)] }),
      givenUp(3, B2, 980n, { members: [memberOf(A2)] }),
    ],
  });
  // Both went on from the first reign; the second promotion was proven over the rule of the first.
  assert.deepEqual(uncoveredVersions(of, [read(A2, 990n)]), []);
  assert.deepEqual(uncoveredVersions(of, [read(A2, 970n)]), [2]);
  assert.deepEqual(uncoveredVersions(of, [read(B2, 1_000n, branch('Y', 'L1', 980n))]), []);
  assert.deepEqual(uncoveredVersions(of, [read(B1, 1_000n, branch('X'))]), [3]);
});

test('what was read on a branch is on no other, however far it reaches', () => {
  const onBranch = group({
    syncSets: [
      syncSet([A2, B1, B2], 2),
      syncSet([B2], 1, { version: 2, epoch: epoch(2) }),
      syncSet([A2], 1, { version: 3, epoch: epoch(3) }),
    ],
    givenUp: [
      givenUp(2, B1, 950n, { lineage: lineage('X') }),
      givenUp(3, B1, 980n, {
        cutLineage: lineage('X'),
        cutEpoch: epoch(2),
        members: [memberOf(A2)],
      }),
    ],
  });
  assert.deepEqual(uncoveredVersions(onBranch, [read(A2, 990n)]), [2], 'it is not on X');
  assert.deepEqual(uncoveredVersions(onBranch, [read(A2, 970n, branch('X'))]), [2]);
  assert.deepEqual(uncoveredVersions(onBranch, [read(A2, 980n, branch('X'))]), []);
});

test('async is never uncovered, a set degraded to nobody always is', () => {
  assert.deepEqual(uncoveredVersions(group({ syncSets: [syncSet([A2], 0)] }), [read(A2, 1n)]), []);
  assert.deepEqual(
    uncoveredVersions(group({ syncSets: [syncSet([], 0, { degraded: true })] }), [read(A2, 1n)]),
    [1],
  );
});

test('a replica read twice counts once, by its last report', () => {
  const coverage = coverageOf(group(), [read(B1, 10n), read(B1, 20n)]);
  assert.deepEqual(
    coverage.counted.map((one) => one.place.offset),
    [20n],
  );
});

test('what is missing is said', () => {
  const coverage = coverageOf(group(), [read(B1, 10n)]);
  const [set] = coverage.uncovered;
  assert.ok(set !== undefined);
  assert.deepEqual(missingOf(set, coverage), [A2, B2]);
  assert.equal(
    describeUncovered(set, coverage),
    'sync set 1 of epoch 1 takes 2 of 3 to acknowledge, so 2 must be read; not read: a2, b2',
  );
});

test('what followed the reigning process to another replication id counts once that process was read, too', () => {
  const renamed = { lineage: lineage('X'), secondLineage: lineage('L1'), secondOffset: 6n };
  const slaves = [read(B1, 10n, renamed), read(B2, 10n, renamed)];
  assert.deepEqual(coverageOf(group(), slaves).counted, []);
  const { counted, uncovered } = coverageOf(group(), [...slaves, read(M, 12n, renamed)]);
  assert.deepEqual(
    counted.map(({ replica, place }) => [replica, place]),
    [
      [M, { epoch: 1, offset: 12n }],
      [B1, { epoch: 1, offset: 10n }],
      [B2, { epoch: 1, offset: 10n }],
    ],
  );
  assert.deepEqual(uncovered, []);
  const noted = group({ reigns: [reign(1, M, 0n), reign(1, M, 5n, 'X')] });
  assert.equal(coverageOf(noted, slaves).counted.length, 2);
  const stayed = read(A2, 7n);
  assert.match(coverageOf(noted, [stayed]).excluded[0]?.why ?? '', /left the committed one at offset 5/);
});

test('a master that a promotion took in since, and that was given up, is on that one’s branch, not on its own reign', () => {
  const on = { lineage: lineage('X'), secondLineage: lineage('L1'), secondOffset: 951n };
  const tried = group({ givenUp: [givenUp(2, M, 950n, { members: [memberOf(B1)] })] });
  const { counted } = coverageOf(tried, [read(M, 960n, on), read(B1, 955n, on)]);
  assert.deepEqual(
    counted.map(({ replica, place }) => [replica, place]),
    [
      [M, { epoch: 2, offset: 960n }],
      [B1, { epoch: 2, offset: 955n }],
    ],
  );
});
