import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey, groupName } from '../../../../src/core/primitives/identifiers.ts';
import { MAIN, ORDERS, reigning } from '../ledger.ts';

test('a time fence changes alone: neither the policy nor a rule in force', () => {
  const ledger = reigning();
  const before = ledger.group();
  ledger.accept({ type: 'group.setTimeFence', key: ORDERS, timeFenceSeconds: 7 });
  assert.deepEqual(ledger.group(), { ...before, timeFenceSeconds: 7 });
  const unknown = groupKey(MAIN, groupName('stock'));
  ledger.refuse({ type: 'group.setTimeFence', key: unknown, timeFenceSeconds: 0 }, 'unknownGroup', 'key');
});
