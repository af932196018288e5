import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch, incarnation, lineage } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { activate, declared, fence, ORDERS, promote, reigning } from '../ledger.ts';

test('the candidate reigns from the cut, as the process that was read; the floor says no more than before', () => {
  const ledger = reigning().accept({ type: 'group.raiseFloor', key: ORDERS, epoch: epoch(1), floor: 1_500n });
  ledger.accept(fence(2), promote(2, 2, { cut: 1_600n, incarnation: incarnation('run-2b') }), activate(2));
  const group = ledger.group();
  assert.deepEqual([group.epoch, group.master, group.floor], [2, 'orders-2', 1_500n]);
  assert.deepEqual(group.phase, { kind: 'active' });
  assert.deepEqual(group.reigns.at(-1), {
    epoch: 2,
    master: 'orders-2',
    incarnation: 'run-2b',
    lineage: 'lineage-2',
    cut: 1_600n,
  });
  assert.equal(group.replicas[1]?.incarnation, 'run-2b');
  assert.equal(group.syncSets.length, 2);
  const record = ledger.record('move-2');
  assert.equal(record.outcome, 'completed');
  assert.deepEqual(
    record.steps.map(({ step }) => step),
    ['fencing', 'promoting', 'active'],
  );
});

test('it comes only out of promoting for the same epoch', () => {
  declared().refuse(activate(1), 'staleEpoch');
  reigning().refuse(activate(1), 'staleEpoch');
  reigning().accept(fence(2), promote(2, 2)).refuse(activate(1), 'staleEpoch');
  reigning()
    .accept(fence(2), promote(2, 2), fence(3, { reason: 'promotionFailed' }))
    .refuse(activate(2), 'staleEpoch');
});

test('a floor above an unsafe cut does not outlive it', () => {
  const ledger = reigning().accept(
    { type: 'group.raiseFloor', key: ORDERS, epoch: epoch(1), floor: 5_000n },
    fence(2, { unsafe: true }),
    promote(2, 2),
    activate(2),
  );
  assert.equal(ledger.group().floor, 1_000n);
});

test('a master that is reinstated is recorded as that', () => {
  const ledger = reigning().accept(fence(2), promote(2, 1), activate(2, { reinstated: true }));
  assert.equal(ledger.record('move-2').outcome, 'reinstated');
});

const reigns = (ledger: ReturnType<typeof reigning>) =>
  ledger.group().reigns.map(({ epoch: number, lineage: name, cut }) => [number, name, cut]);

test('a promotion given up, whose stream the reign goes on from, was a reign; others are forgotten', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2), fence(3, { reason: 'promotionFailed' }));
  ledger.accept(promote(3, 3, { cutEpoch: epoch(1), cut: 1_100n }), fence(4, { reason: 'promotionFailed' }));
  const branches = [{ epoch: epoch(2), lineage: lineage('branch') }];
  ledger.accept(promote(4, 2, { cutEpoch: epoch(2), cut: 1_200n, branches }), activate(4));
  assert.deepEqual(reigns(ledger), [
    [1, 'lineage-1', 1_000n],
    [2, 'branch', 1_000n],
    [4, 'lineage-4', 1_200n],
  ]);
  assert.deepEqual(ledger.group().reigns[1]?.incarnation, 'run-2');
  assert.deepEqual(ledger.group().givenUp, []);
});

test('a reign that goes on past a promotion given up forgets it', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2), fence(3, { reason: 'promotionFailed' }));
  ledger.accept(promote(3, 3, { cutEpoch: epoch(1), cut: 1_100n }), activate(3));
  assert.deepEqual(
    reigns(ledger).map(([number]) => number),
    [1, 3],
  );
  assert.deepEqual(ledger.group().givenUp, []);
});

test('where nobody knows what a reign goes on from, the history begins with it', () => {
  const ledger = reigning().accept(fence(2, { unsafe: true }), promote(2, 2, { cutEpoch: null }));
  ledger.accept(activate(2));
  assert.deepEqual(reigns(ledger), [[2, 'lineage-2', 1_000n]]);
  const lost = reigning().accept(fence(2), promote(2, 2, { cutEpoch: null }));
  lost.accept(fence(3, { reason: 'promotionFailed' }));
  const branches = [{ epoch: epoch(2), lineage: lineage('branch') }];
  lost.accept(promote(3, 2, { cutEpoch: epoch(2), branches }), activate(3));
  assert.deepEqual(
    reigns(lost).map(([number]) => number),
    [2, 3],
  );
});

test('reigns are remembered up to their limit, newest last', () => {
  const ledger = reigning();
  for (let number = 2; number <= LIMITS.reignsPerGroup + 2; number += 1) {
    ledger.accept(fence(number), promote(number, 1 + (number % 3)), activate(number));
    const keepFrom = ledger.group().syncSets.at(-1)?.version ?? 0;
    ledger.accept({ type: 'group.settleRules', key: ORDERS, epoch: epoch(number), keepFrom });
  }
  const { reigns } = ledger.group();
  assert.equal(reigns.length, LIMITS.reignsPerGroup);
  assert.deepEqual([reigns[0]?.epoch, reigns.at(-1)?.epoch], [3, LIMITS.reignsPerGroup + 2]);
});
