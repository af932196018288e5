import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acknowledgedOffset } from '../../../src/core/failover/floor.ts';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, group, M, processOf, report, syncSet } from './group-fixture.ts';

const floorOf = (k: number, ...of: [typeof A2, ReturnType<typeof report>][]) =>
  acknowledgedOffset(group({ syncSets: [syncSet([A2, B1, B2], k)] }), new Map(of));

test('the k-th highest offset of the members', () => {
  const all = [
    [A2, report(A2, 10n)],
    [B1, report(B1, 30n)],
    [B2, report(B2, 20n)],
    [M, report(M, 99n)],
  ] as [typeof A2, ReturnType<typeof report>][];
  assert.equal(floorOf(1, ...all), 30n);
  assert.equal(floorOf(2, ...all), 20n);
  assert.equal(floorOf(3, ...all), 10n);
  assert.equal(floorOf(4, ...all), null);
  assert.equal(floorOf(0, ...all), null);
});

test('another process, another lineage or a load under way holds nothing for certain', () => {
  assert.equal(floorOf(1, [A2, report(A2, 10n, { incarnation: processOf(A2, 2) })]), null);
  assert.equal(floorOf(1, [A2, report(A2, 10n, { lineage: lineage('X') })]), null);
  assert.equal(floorOf(1, [A2, report(A2, 10n, { loading: true })]), null);
});
