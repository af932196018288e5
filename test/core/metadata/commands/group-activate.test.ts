import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch, incarnation } from '../../../../src/core/primitives/identifiers.ts';
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
