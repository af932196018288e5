import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import { alterSyncStateSet, applyId, BROKER_A, elect, loseMaster } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

/** Master 1 in idc-a, brokers 2 in idc-b and 3 in idc-a. */
const reigning = () => new Ledger().accept(applyId(1), applyId(2), applyId(3), elect(1, 0));
const setOf = (ledger: Ledger) => ledger.store.brokerSets.get(BROKER_A) ?? assert.fail();
const policy = (onShortage: 'block' | 'degrade', kind: 'cross-idc' | 'all' = 'cross-idc') =>
  ({
    type: 'brokerSet.setPolicy',
    name: BROKER_A,
    policy: kind,
    onShortage,
    detectionMs: null,
    by: 'o',
    wallMs: 1,
  }) as const;

test('a new set is one epoch on, in order and without repeats', () => {
  const ledger = reigning().accept(alterSyncStateSet([3, 1, 3, 2]));
  assert.deepEqual([setOf(ledger).syncStateSet, setOf(ledger).syncStateSetEpoch], [[1, 2, 3], 2]);
  assert.equal(setOf(ledger).masterEpoch, 1);
});

test('what is wrong is told in the order of the protocol', () => {
  const ledger = reigning();
  const everything = { masterBrokerId: 2, masterEpoch: 9, syncStateSetEpoch: 9 };
  const unknown = alterSyncStateSet([1, 2], { name: groupName('nobody') });
  ledger.refuse(unknown, 'unknownBrokerSet', 'name');
  ledger.refuse(alterSyncStateSet([1], everything), 'invalidSyncStateSet');
  ledger.refuse(alterSyncStateSet([2, 9], everything), 'notTheMaster');
  ledger.refuse(alterSyncStateSet([2, 9], { ...everything, masterBrokerId: 1 }), 'fencedMasterEpoch');
  ledger.refuse(alterSyncStateSet([2, 9], { syncStateSetEpoch: 9 }), 'fencedSyncStateSetEpoch');
  ledger.refuse(alterSyncStateSet([2, 9]), 'invalidReplicas');
  ledger.refuse(alterSyncStateSet([2]), 'invalidSyncStateSet');
});

test('a master of an earlier epoch changes nothing, nor one that is lost', () => {
  const ledger = reigning().accept(alterSyncStateSet([1, 2]), elect(2, 1));
  ledger.refuse(alterSyncStateSet([1, 2], { syncStateSetEpoch: 3 }), 'notTheMaster');
  ledger.accept(loseMaster(2));
  ledger.refuse(
    alterSyncStateSet([1, 2], { masterBrokerId: 2, masterEpoch: 3, syncStateSetEpoch: 3 }),
    'notTheMaster',
  );
});

test('what the same master asked for before its last change, or in its last reign, comes too late', () => {
  const ledger = reigning().accept(alterSyncStateSet([1, 2]));
  ledger.refuse(alterSyncStateSet([1, 3], { syncStateSetEpoch: 1 }), 'fencedSyncStateSetEpoch');
  ledger.accept(elect(1, 1, { reason: 'epochAhead' }));
  const late = { masterEpoch: 1, syncStateSetEpoch: setOf(ledger).syncStateSetEpoch };
  ledger.refuse(alterSyncStateSet([1, 2], late), 'fencedMasterEpoch');
});

test('block keeps the last member outside of the IDC of the master; degrade lets it go and says so', () => {
  const ledger = reigning().accept(policy('block'), alterSyncStateSet([1, 2, 3]));
  ledger.refuse(alterSyncStateSet([1, 3], { syncStateSetEpoch: 2 }), 'lastRemoteMember', 'syncStateSet');
  ledger.accept(alterSyncStateSet([1, 2], { syncStateSetEpoch: 2 }));
  ledger.refuse(alterSyncStateSet([1], { syncStateSetEpoch: 3 }), 'lastRemoteMember', 'syncStateSet');
  assert.equal(setOf(ledger).degraded, false);
  ledger.accept(policy('degrade'), alterSyncStateSet([1, 3], { syncStateSetEpoch: 3 }));
  assert.equal(setOf(ledger).degraded, true);
});

test('the policy all leaves it to the master; without a remote member block takes nothing away', () => {
  const all = reigning().accept(policy('block', 'all'), alterSyncStateSet([1, 2, 3]));
  all.accept(alterSyncStateSet([1], { syncStateSetEpoch: 2 }));
  assert.equal(setOf(all).degraded, false);
  const near = reigning().accept(policy('block'), alterSyncStateSet([1, 3]));
  assert.equal(setOf(near).degraded, true);
  near.accept(alterSyncStateSet([1], { syncStateSetEpoch: 2 }));
});
