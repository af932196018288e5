import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch } from '../../../../src/core/primitives/identifiers.ts';
import { type CommandOf, changeSyncSet, fence, ORDERS, reigning } from '../ledger.ts';

const settle = (keepFrom: number, epochNumber = 1): CommandOf<'group.settleRules'> => ({
  type: 'group.settleRules',
  key: ORDERS,
  epoch: epoch(epochNumber),
  keepFrom,
});

test('older rules leave, the last always stays', () => {
  const ledger = reigning().accept(changeSyncSet(1, 1), changeSyncSet(1, 2));
  const versions = () => ledger.group().syncSets.map((set) => set.version);
  ledger.accept(settle(2));
  assert.deepEqual(versions(), [2, 3]);
  ledger.accept(settle(1));
  assert.deepEqual(versions(), [2, 3]);
  ledger.refuse(settle(4), 'invalidRequest', 'keepFrom');
  ledger.accept(settle(3), changeSyncSet(1, 3));
  assert.deepEqual(versions(), [3, 4]);
});

test('during a failover every rule stays in force', () => {
  const ledger = reigning().accept(changeSyncSet(1, 1));
  ledger.refuse(settle(2, 2), 'staleEpoch');
  ledger.accept(fence(2)).refuse(settle(2), 'notActive');
});
