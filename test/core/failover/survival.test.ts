import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SurvivalRow, survives } from '../../../src/core/failover/survival.ts';
import type { WritePolicy } from '../../../src/core/metadata/state.ts';
import type { OnShortage } from '../../../src/core/metadata/state-parts.ts';
import { A2, B1, B2, M, SITE_A, SITE_B } from './group-fixture.ts';

const twoAndTwo = [
  { replica: M, site: SITE_A },
  { replica: A2, site: SITE_A },
  { replica: B1, site: SITE_B },
  { replica: B2, site: SITE_B },
];
const twoAndOne = twoAndTwo.slice(0, 3);
const oneAndOne = [twoAndTwo[0], twoAndTwo[2]].filter((replica) => replica !== undefined);

const rows = (
  replicas: typeof twoAndTwo,
  policy: WritePolicy,
  onShortage: OnShortage = 'block',
): SurvivalRow[] => survives({ replicas, master: M }, policy, onShortage);
const outcomes = (replicas: typeof twoAndTwo, policy: WritePolicy): string[] =>
  rows(replicas, policy).map((row) => row.outcome);
const rowOf = (all: readonly SurvivalRow[], failure: string): SurvivalRow => {
  const row = all.find((one) => one.failure === failure);
  assert.ok(row !== undefined, failure);
  return row;
};

test('rows come in the order of the table', () => {
  assert.deepEqual(
    rows(twoAndTwo, 'all').map((row) => row.failure),
    ['master', 'master and one slave', 'IDC idc-a', 'IDC idc-b'],
  );
});

test('2+2: every cell of the published table', () => {
  assert.deepEqual(outcomes(twoAndTwo, 'async'), ['loss', 'loss', 'loss', 'writesGoOn']);
  assert.deepEqual(outcomes(twoAndTwo, 'any-one'), ['zeroLoss', 'stop', 'stop', 'writesGoOn']);
  assert.deepEqual(outcomes(twoAndTwo, 'cross-idc'), ['zeroLoss', 'zeroLoss', 'zeroLoss', 'shortage']);
  assert.deepEqual(outcomes(twoAndTwo, 'all'), ['zeroLoss', 'zeroLoss', 'zeroLoss', 'shortage']);
  assert.deepEqual(outcomes(twoAndTwo, 'majority'), ['zeroLoss', 'zeroLoss', 'zeroLoss', 'shortage']);
});

test('2+2: how many must be read is said as the table says it', () => {
  const needed = (policy: WritePolicy) => rowOf(rows(twoAndTwo, policy), 'master').detail;
  assert.match(needed('any-one'), /^3 of 3/);
  assert.match(needed('cross-idc'), /^2 of 3/);
  assert.match(needed('all'), /^1 of 3/);
});

test('2+1: one acknowledgement is not IDC-safe, cross-idc is, and finds no second IDC afterwards', () => {
  assert.deepEqual(outcomes(twoAndOne, 'any-one'), ['zeroLoss', 'stop', 'stop', 'writesGoOn']);
  assert.deepEqual(outcomes(twoAndOne, 'cross-idc'), ['zeroLoss', 'zeroLoss', 'zeroLoss', 'shortage']);
  const blocked = rowOf(rows(twoAndOne, 'cross-idc'), 'IDC idc-a');
  assert.match(blocked.detail, /^1 of 2 .*cannot be met then: nothing is acknowledged/);
  const degraded = rowOf(rows(twoAndOne, 'cross-idc', 'degrade'), 'IDC idc-a');
  assert.equal(degraded.outcome, 'zeroLoss');
  assert.match(degraded.detail, /acknowledged by the master alone/);
});

test('1+1: one acknowledgement crosses, losing the other IDC is a shortage, losing both servers is the end', () => {
  assert.deepEqual(outcomes(oneAndOne, 'any-one'), ['zeroLoss', 'stop', 'zeroLoss', 'shortage']);
  assert.deepEqual(outcomes(oneAndOne, 'cross-idc'), ['zeroLoss', 'stop', 'zeroLoss', 'shortage']);
});

test('a layout that can never meet its policy says so instead of promising zero loss', () => {
  const oneSite = twoAndTwo.slice(0, 2);
  assert.ok(rows(oneSite, 'cross-idc').every((row) => row.outcome === 'shortage'));
  const degraded = rows(oneSite, 'cross-idc', 'degrade');
  assert.equal(rowOf(degraded, 'master').outcome, 'zeroLoss');
  assert.equal(rowOf(degraded, 'IDC idc-a').outcome, 'stop');
});
