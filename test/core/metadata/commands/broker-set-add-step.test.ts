import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { applyId, elect, everyBrokerSetCommand } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

test('a record takes further steps up to their limit, with details cut', () => {
  const step = everyBrokerSetCommand['brokerSet.addStep'];
  const ledger = new Ledger();
  ledger.refuse(step, 'unknownRecord', 'recordId');
  ledger.accept(applyId(1), elect(1, 0));
  ledger.accept({ ...step, detail: 'x'.repeat(LIMITS.textCharacters + 1) });
  const steps = () => ledger.store.brokerSetHistory.at(-1)?.steps ?? [];
  assert.deepEqual(
    [steps().at(-1)?.step, steps().at(-1)?.detail.length],
    ['acknowledged', LIMITS.textCharacters],
  );
  while (steps().length < LIMITS.stepsPerRecord) ledger.accept(step);
  ledger.refuse(step, 'limitReached');
});
