import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { activate, type CommandOf, declared, promote, reigning } from '../ledger.ts';

const addStep = (detail: string, recordId = 'orders-adoption'): CommandOf<'history.addStep'> => ({
  type: 'history.addStep',
  recordId,
  step: 'oldMasterBack',
  detail,
  measuredLossBytes: null,
  wallMs: 99,
});

test('a step is added to a kept record, in order', () => {
  const ledger = reigning().accept(addStep('attached again'));
  assert.deepEqual(ledger.record('orders-adoption').steps.at(-1), {
    step: 'oldMasterBack',
    wallMs: 99,
    detail: 'attached again',
  });
  ledger.refuse(addStep('x', 'nothing'), 'unknownRecord', 'recordId');
});

test('steps are limited, but those of the phases always fit', () => {
  const ledger = declared();
  for (let count = 1; count < LIMITS.stepsPerRecord; count += 1) ledger.accept(addStep('x'));
  ledger.refuse(addStep('one more'), 'limitReached');
  ledger.accept(promote(1), activate(1));
  assert.equal(ledger.record('orders-adoption').steps.at(-1)?.step, 'active');
});

test('a long detail is cut', () => {
  const ledger = reigning().accept(addStep('x'.repeat(10_000)));
  assert.equal(ledger.record('orders-adoption').steps.at(-1)?.detail.length, LIMITS.textCharacters);
});
