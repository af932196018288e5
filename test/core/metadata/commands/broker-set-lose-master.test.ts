import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  elect,
  loseMaster,
  registration,
  version,
} from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

test('the set has no master, one epoch on, and keeps its sync state set for whoever of it comes back', () => {
  const ledger = new Ledger().accept(
    applyId(1),
    applyId(2),
    elect(1, 0),
    alterSyncStateSet([1, 2]),
    registration(1, { dataVersion: version(1, 1) }),
    registration(2, { brokerId: 2, dataVersion: version(1, 1) }),
    loseMaster(1),
  );
  const set = ledger.store.brokerSets.get(BROKER_A);
  assert.deepEqual(
    [set?.master, set?.masterEpoch, set?.syncStateSet, set?.syncStateSetEpoch],
    [null, 2, [1, 2], 2],
  );
  assert.deepEqual([...(ledger.store.namedSets.get(BROKER_A)?.addresses ?? [])], [[2, addressOf(2)]]);
  const record = ledger.store.brokerSetHistory.at(-1);
  assert.deepEqual([record?.from, record?.to, record?.masterEpoch], [1, null, 2]);
  ledger.accept(elect(2, 2, { reason: 'masterBack' }));
});

test('a set loses its master once', () => {
  const ledger = new Ledger().accept(applyId(1), elect(1, 0));
  ledger.refuse(loseMaster(0), 'fencedMasterEpoch', 'expectedMasterEpoch');
  ledger.accept(loseMaster(1));
  ledger.refuse(loseMaster(1), 'fencedMasterEpoch', 'expectedMasterEpoch');
  ledger.refuse(loseMaster(2), 'notActive', 'name');
});
