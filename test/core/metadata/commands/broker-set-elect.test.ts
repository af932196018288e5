import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_EPOCH } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  elect,
  loseMaster,
  registerBroker,
  registration,
  version,
} from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const setOf = (ledger: Ledger) => ledger.store.brokerSets.get(BROKER_A) ?? assert.fail();
const addresses = (ledger: Ledger) =>
  Object.fromEntries(ledger.store.namedSets.get(BROKER_A)?.addresses ?? []);

/** Master 1 of epoch 1 with brokers 2 and 3, all in the sync state set and registered. */
const reigning = () =>
  new Ledger().accept(
    applyId(1),
    applyId(2),
    applyId(3),
    elect(1, 0),
    alterSyncStateSet([1, 2, 3]),
    registration(1, { dataVersion: version(1, 1) }),
    registration(2, { brokerId: 2, dataVersion: version(1, 1) }),
    registration(3, { brokerId: 3, dataVersion: version(1, 1) }),
  );

test('the first of a set that never had a master may be anybody, and is alone in its sync state set', () => {
  const ledger = new Ledger().accept(applyId(1), applyId(2), elect(2, 0));
  const { master, masterEpoch, syncStateSet, syncStateSetEpoch } = setOf(ledger);
  assert.deepEqual([master, masterEpoch, syncStateSet, syncStateSetEpoch], [2, 1, [2], 1]);
  ledger.accept(loseMaster(1));
  ledger.refuse(elect(1, 2, { reason: 'firstMaster' }), 'notInSyncStateSet', 'master');
});

test('a successor is of the sync state set, unless an operator accepts the loss', () => {
  const ledger = reigning().accept(alterSyncStateSet([1, 2], { syncStateSetEpoch: 2 }));
  ledger.refuse(elect(3, 1), 'notInSyncStateSet', 'master');
  ledger.refuse(elect(3, 1, { reason: 'adoption' }), 'notInSyncStateSet', 'master');
  ledger.refuse(elect(9, 1, { unsafe: true }), 'invalidReplicas', 'master');
  const safe = elect(2, 1);
  ledger.accept(safe);
  assert.deepEqual([setOf(ledger).syncStateSet, setOf(ledger).syncStateSetEpoch], [[2], 4]);
  ledger.accept(elect(3, 2, { unsafe: true }));
  assert.equal(ledger.store.brokerSetHistory.at(-1)?.unsafe, true);
});

test('each election is above the epoch that it goes on from, which it names', () => {
  const ledger = reigning();
  ledger.refuse(elect(2, 0), 'fencedMasterEpoch', 'expectedMasterEpoch');
  ledger.refuse(elect(2, 2), 'fencedMasterEpoch', 'expectedMasterEpoch');
  ledger.refuse(elect(2, 1, { masterEpoch: 1 }), 'fencedMasterEpoch', 'masterEpoch');
  ledger.accept(elect(1, 1, { masterEpoch: 41, reason: 'epochAhead' }));
  assert.deepEqual([setOf(ledger).master, setOf(ledger).masterEpoch], [1, 41]);
  ledger.accept(elect(1, 41, { masterEpoch: MAX_EPOCH }));
  ledger.refuse(elect(1, MAX_EPOCH, { masterEpoch: MAX_EPOCH }), 'limitReached', 'masterEpoch');
});

test('a broker that had a life before is told a sync state set above all that it may have been told there', () => {
  const adopted = new Ledger().accept(registerBroker(1), registerBroker(2));
  adopted.accept(elect(1, 0, { reason: 'adoption', masterEpoch: 6 }));
  assert.equal(setOf(adopted).syncStateSetEpoch, 6 * 65_536 + 1);
  adopted.accept(alterSyncStateSet([1, 2], { masterEpoch: 6, syncStateSetEpoch: 6 * 65_536 + 1 }));
  // Its tier is lost once more, two reigns later: what it knows by then is below what the next one begins with.
  adopted.accept(elect(2, 6, { masterEpoch: 7 }), elect(2, 7, { masterEpoch: 8, unsafe: true }));
  const before = setOf(adopted).syncStateSetEpoch;
  const again = new Ledger().accept(registerBroker(2), elect(2, 0, { reason: 'adoption', masterEpoch: 9 }));
  assert.ok(setOf(again).syncStateSetEpoch > before);
  const last = new Ledger().accept(registerBroker(1));
  last.accept(elect(1, 0, { reason: 'adoption', masterEpoch: MAX_EPOCH }));
  assert.ok(setOf(last).syncStateSetEpoch < MAX_EPOCH / 1.9, 'there is room to count');
});

test('at the same commit the new master has id 0, and the old one no id', () => {
  const ledger = reigning().accept(elect(2, 1));
  assert.deepEqual(addresses(ledger), { 0: addressOf(2), 3: addressOf(3) });
  const ids = [1, 2].map((number) => ledger.store.registrations.get(addressOf(number))?.brokerId);
  assert.deepEqual(ids, [null, 0]);
  assert.equal(ledger.store.brokersRevision, ledger.store.appliedIndex);
});

test('a new master that is not registered leaves id 0 open', () => {
  const ledger = reigning().accept(
    { type: 'registration.remove', name: BROKER_A, address: addressOf(2) },
    elect(2, 1),
  );
  assert.deepEqual(addresses(ledger), { 3: addressOf(3) });
});

test('the history keeps who saw what, who could have been chosen, and what it may have cost', () => {
  const ledger = reigning().accept(elect(2, 1));
  const record = ledger.store.brokerSetHistory.at(-1);
  const { evidence, candidates } = elect(2, 1);
  assert.deepEqual(record, {
    id: 'broker-a-2',
    name: BROKER_A,
    cluster: 'DefaultCluster',
    reason: 'masterLost',
    masterEpoch: 2,
    from: 1,
    to: 2,
    by: 'pollux',
    unsafe: false,
    evidence,
    candidates,
    predictedLossBytes: 0n,
    steps: [{ step: 'elected', wallMs: 50, detail: 'elected' }],
    wallMs: 50,
  });
});

test('the history is bounded, oldest first', () => {
  const ledger = reigning();
  const [first] = ledger.store.brokerSetHistory;
  assert.ok(first);
  ledger.store.brokerSetHistory = Array.from({ length: LIMITS.brokerSetRecords }, (_, number) => ({
    ...first,
    id: `old-${number}`,
  }));
  ledger.accept(elect(2, 1));
  assert.equal(ledger.store.brokerSetHistory.length, LIMITS.brokerSetRecords);
  assert.deepEqual(
    [ledger.store.brokerSetHistory[0]?.id, ledger.store.brokerSetHistory.at(-1)?.id],
    ['old-1', 'broker-a-2'],
  );
});

test('broker-a is not known before anybody applied for an id', () => {
  new Ledger().refuse(elect(1, 0), 'unknownBrokerSet', 'name');
});
