import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey, groupName } from '../../../../src/core/primitives/identifiers.ts';
import { activate, type CommandOf, fence, MAIN, ORDERS, promote, reigning } from '../ledger.ts';

const acknowledge = (
  change: Partial<CommandOf<'group.acknowledge'>> = {},
): CommandOf<'group.acknowledge'> => ({
  type: 'group.acknowledge',
  key: ORDERS,
  by: 'eve',
  note: '',
  wallMs: 60,
  ...change,
});

test('an automatic failover starts a cool-down, and acknowledging ends it and says so in its record', () => {
  const ledger = reigning();
  assert.equal(ledger.group().cooldown, null);
  ledger.accept(fence(2), promote(2, 2), activate(2));
  assert.deepEqual(ledger.group().cooldown, { recordId: 'move-2', sinceWallMs: 40 });
  ledger.accept(acknowledge({ note: 'a cable' }));
  assert.equal(ledger.group().cooldown, null);
  assert.deepEqual(ledger.record('move-2').steps.at(-1), {
    step: 'acknowledged',
    wallMs: 60,
    detail: 'by eve: a cable',
  });
});

test('an operator who moves the master has looked at the group', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2), activate(2));
  assert.notEqual(ledger.group().cooldown, null);
  ledger.accept(fence(3, { reason: 'operatorFailover' }), promote(3, 1), activate(3));
  assert.equal(ledger.group().cooldown, null);
});

test('nothing to acknowledge is no error, an unknown group is one', () => {
  const ledger = reigning();
  const before = ledger.group();
  ledger.accept(acknowledge());
  assert.deepEqual(ledger.group(), before);
  ledger.refuse(acknowledge({ key: groupKey(MAIN, groupName('stock')) }), 'unknownGroup', 'key');
});
