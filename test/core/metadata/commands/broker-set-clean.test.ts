import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alterSyncStateSet, applyId, BROKER_A, elect, loseMaster } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const clean = (brokerIds: readonly number[] | null) =>
  ({ type: 'brokerSet.clean', name: BROKER_A, brokerIds, by: 'operator', wallMs: 6 }) as const;
const setOf = (ledger: Ledger) => ledger.store.brokerSets.get(BROKER_A) ?? assert.fail();
const reigning = () =>
  new Ledger().accept(applyId(1), applyId(2), applyId(3), elect(1, 0), alterSyncStateSet([1, 2]));

test('brokers go, from the sync state set, too, which is one epoch on then', () => {
  const ledger = reigning().accept(clean([3]));
  assert.deepEqual([setOf(ledger).syncStateSet, setOf(ledger).syncStateSetEpoch], [[1, 2], 2]);
  ledger.accept(clean([2]));
  assert.deepEqual([[...setOf(ledger).brokers.keys()], setOf(ledger).syncStateSet], [[1], [1]]);
  assert.deepEqual([setOf(ledger).syncStateSetEpoch, setOf(ledger).nextBrokerId], [3, 4]);
  assert.equal(ledger.store.changes.at(-1)?.detail, 'brokers 2 cleaned');
});

test('the reigning master stays, and with it the set', () => {
  const ledger = reigning();
  ledger.refuse(clean([1]), 'masterReigns', 'brokerIds');
  ledger.refuse(clean(null), 'masterReigns', 'brokerIds');
  ledger.refuse(clean([2, 9]), 'invalidReplicas', 'brokerIds');
  ledger.accept(loseMaster(1), clean(null));
  assert.equal(ledger.store.brokerSets.size, 0);
  ledger.refuse(clean(null), 'unknownBrokerSet', 'name');
});

test('a set whose last members of the sync state set are gone is unproven: nobody begins it by asking first', () => {
  const ledger = reigning().accept(loseMaster(1), clean([1]), clean([2]));
  assert.deepEqual([setOf(ledger).syncStateSet, setOf(ledger).unproven], [[], true]);
  ledger.refuse(elect(3, 2, { reason: 'firstMaster' }), 'notInSyncStateSet', 'master');
  ledger.accept(elect(3, 2, { reason: 'adoption' }));
});

test('a stop of automatic action for the set alone goes with it', () => {
  const stop = {
    scope: { kind: 'group', group: setOf(reigning()).key },
    by: 'o',
    reason: 'r',
    sinceWallMs: 1,
    untilWallMs: null,
  } as const;
  const ledger = reigning().accept({ type: 'automatic.stop', stop }, loseMaster(1), clean(null));
  assert.deepEqual(ledger.store.stops, []);
});
