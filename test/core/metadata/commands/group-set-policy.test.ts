import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey, groupName } from '../../../../src/core/primitives/identifiers.ts';
import { MAIN, ORDERS, reigning } from '../ledger.ts';

test('a policy is a wish: the rule in force stays until a sync set is committed', () => {
  const ledger = reigning();
  const { syncSets } = ledger.group();
  ledger.accept({ type: 'group.setPolicy', key: ORDERS, policy: 'cross-idc', onShortage: 'block' });
  const group = ledger.group();
  assert.deepEqual([group.policy, group.onShortage], ['cross-idc', 'block']);
  assert.deepEqual(group.syncSets, syncSets);
  const unknown = groupKey(MAIN, groupName('stock'));
  ledger.refuse(
    { type: 'group.setPolicy', key: unknown, policy: 'all', onShortage: 'block' },
    'unknownGroup',
    'key',
  );
});
