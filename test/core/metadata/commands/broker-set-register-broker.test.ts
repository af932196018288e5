import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_EPOCH } from '../../../../src/core/primitives/identifiers.ts';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  elect,
  IDC_B,
  registerBroker,
  registration,
  version,
} from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const setOf = (ledger: Ledger, name = BROKER_A) => ledger.store.brokerSets.get(name) ?? assert.fail();
const gone = (number: number) =>
  ({ type: 'registration.remove', name: BROKER_A, address: addressOf(number) }) as const;

test('an unknown set and unknown ids are adopted, and nobody can tell who holds what', () => {
  const ledger = new Ledger().accept(registerBroker(3), registerBroker(1));
  const { brokers, nextBrokerId, unproven, master, masterEpoch } = setOf(ledger);
  assert.deepEqual([...brokers.keys()].sort(), [1, 3]);
  assert.deepEqual([nextBrokerId, unproven, master, masterEpoch], [4, true, null, 0]);
  assert.equal(brokers.get(3)?.registerCheckCode, null);
  ledger.refuse(applyId(2), 'brokerIdTaken', 'brokerId');
  ledger.refuse(elect(1, 0), 'notInSyncStateSet', 'master');
  ledger.accept(elect(1, 0, { reason: 'adoption', masterEpoch: 12 }));
  assert.deepEqual([setOf(ledger).unproven, setOf(ledger).masterEpoch], [false, 12]);
});

test('an unknown id of a set with a committed sync state set leaves it proven', () => {
  const ledger = new Ledger().accept(applyId(1), elect(1, 0), registerBroker(5));
  assert.equal(setOf(ledger).unproven, false);
  const begins = new Ledger().accept(applyId(1), registerBroker(5));
  assert.equal(setOf(begins).unproven, true);
});

test('said again it changes nothing; a new address replaces the old one, with its HA address', () => {
  const ledger = new Ledger().accept(applyId(1), registration(1));
  const before = setOf(ledger);
  ledger.accept(registerBroker(1));
  assert.equal(setOf(ledger), before);
  ledger.refuse(registerBroker(1, { address: addressOf(9) }), 'brokerIdTaken', 'brokerId');
  ledger.accept(gone(1), registerBroker(1, { address: addressOf(9), site: IDC_B }));
  const broker = setOf(ledger).brokers.get(1);
  assert.deepEqual(broker, { ...broker, address: addressOf(9), haAddress: null, site: IDC_B });
});

test('a master at another address takes id 0 there', () => {
  const ledger = new Ledger().accept(
    applyId(1),
    elect(1, 0),
    registration(1, { dataVersion: version(1, 1) }),
  );
  ledger.accept(
    registration(8, { brokerId: 4, dataVersion: version(1, 1) }),
    gone(1),
    registration(9, { brokerId: 1, dataVersion: version(1, 1) }),
    registerBroker(1, { address: addressOf(9) }),
  );
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.addresses.get(0), addressOf(9));
});

test('another set, another id or another cluster does not get the address of a registered broker', () => {
  const ledger = new Ledger().accept(
    applyId(1),
    applyId(2),
    elect(1, 0),
    registration(1, { dataVersion: version(1, 1) }),
  );
  ledger.refuse(registerBroker(1, { name: BROKER_B }), 'addressTaken', 'address');
  ledger.refuse(registerBroker(2, { address: addressOf(1) }), 'addressTaken', 'address');
  ledger.refuse(registerBroker(7, { address: addressOf(1) }), 'addressTaken', 'address');
});

test('the first broker in another IDC makes a set degraded that wants one in its sync state set', () => {
  const ledger = new Ledger().accept(applyId(1), elect(1, 0));
  assert.equal(setOf(ledger).degraded, false);
  ledger.accept(registerBroker(2));
  assert.equal(setOf(ledger).degraded, true);
  ledger.accept(alterSyncStateSet([1, 2]));
  assert.equal(setOf(ledger).degraded, false);
});

test('an id out of the air, which would use the others up, is none', () => {
  const ledger = new Ledger().accept(registerBroker(1));
  ledger.refuse(registerBroker(MAX_EPOCH), 'brokerIdTaken', 'brokerId');
  ledger.refuse(registerBroker(1_000_003), 'brokerIdTaken', 'brokerId');
  ledger.accept(registerBroker(1_000_002));
  assert.equal(setOf(ledger).nextBrokerId, 1_000_003);
});
