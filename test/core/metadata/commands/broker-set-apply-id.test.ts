import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName, groupName, MAX_EPOCH } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { addressOf, applyId, BROKER_A, BROKER_B, elect, IDC_B, registration } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const setOf = (ledger: Ledger, name = BROKER_A) => ledger.store.brokerSets.get(name) ?? assert.fail();

test('a set begins with id 1, without a master, and ids go up', () => {
  const ledger = new Ledger();
  ledger.refuse(applyId(2), 'brokerIdTaken', 'brokerId');
  ledger.accept(applyId(1), applyId(2));
  const { brokers, nextBrokerId, master, masterEpoch, syncStateSet, unproven, key } = setOf(ledger);
  assert.deepEqual([...brokers.keys()], [1, 2]);
  assert.deepEqual([nextBrokerId, master, masterEpoch, syncStateSet, unproven], [3, null, 0, [], false]);
  assert.equal(key, 'DefaultCluster/broker-a');
  assert.deepEqual(brokers.get(2)?.site, IDC_B);
});

test('said again by the same broker it stands; another one gets a refusal and the next id', () => {
  const ledger = new Ledger().accept(applyId(1), applyId(1));
  ledger.refuse(applyId(1, { registerCheckCode: 'x:1;9', address: 'x:1' }), 'brokerIdTaken', 'brokerId');
  assert.equal(setOf(ledger).nextBrokerId, 2);
  ledger.accept(applyId(2, { registerCheckCode: 'x:1;9', address: 'x:1' }));
});

test('an id that was cleaned away is never given again', () => {
  const ledger = new Ledger().accept(applyId(1), applyId(2), {
    type: 'brokerSet.clean',
    name: BROKER_A,
    brokerIds: [2],
    by: 'o',
    wallMs: 1,
  });
  ledger.refuse(applyId(2), 'brokerIdTaken', 'brokerId');
  ledger.accept(applyId(3));
});

test('a brokerName of another cluster is refused, whoever knows it', () => {
  const ledger = new Ledger().accept(applyId(1), registration(9, { name: BROKER_B }));
  const cluster = clusterName('OtherCluster');
  ledger.refuse(applyId(2, { cluster }), 'brokerNameTaken', 'name');
  ledger.refuse(applyId(1, { cluster }), 'brokerNameTaken', 'name');
  ledger.refuse(applyId(1, { cluster, name: BROKER_B }), 'brokerNameTaken', 'name');
});

test('an address of a registered broker is not given to another; a forgotten one goes over', () => {
  const ledger = new Ledger().accept(applyId(1), elect(1, 0), registration(1));
  const claim = { registerCheckCode: 'other;1', address: addressOf(1) };
  ledger.refuse(applyId(2, claim), 'addressTaken', 'address');
  ledger.refuse(applyId(1, { ...claim, name: BROKER_B }), 'addressTaken', 'address');
  ledger.accept({ type: 'registration.remove', name: BROKER_A, address: addressOf(1) }, applyId(2, claim));
  assert.deepEqual(
    [...setOf(ledger).brokers.values()].map(({ address }) => address),
    ['', addressOf(1)],
  );
  ledger.accept(applyId(1, { ...claim, name: BROKER_B }));
  assert.equal(setOf(ledger).brokers.get(2)?.address, '');
});

test('what the broker registered before its set was known is learned', () => {
  const ledger = new Ledger().accept(registration(1, { site: IDC_B }), applyId(1, { site: null }));
  const broker = setOf(ledger).brokers.get(1);
  assert.deepEqual([broker?.haAddress, broker?.site], ['10.0.0.1:10912', IDC_B]);
});

test('a set that was cleaned away goes on above its epochs', () => {
  const ledger = new Ledger().accept(
    applyId(1),
    elect(1, 0, { masterEpoch: 7 }),
    {
      type: 'brokerSet.loseMaster',
      name: BROKER_A,
      expectedMasterEpoch: 7,
      recordId: 'x',
      by: 'p',
      detail: '',
      evidence: [],
      candidates: [],
      wallMs: 1,
    },
    { type: 'brokerSet.clean', name: BROKER_A, brokerIds: null, by: 'o', wallMs: 1 },
    applyId(1),
  );
  assert.equal(setOf(ledger).masterEpoch, 8);
  ledger.accept(elect(1, 8, { reason: 'firstMaster' }));
});

test('sets and brokers are limited', () => {
  const ledger = new Ledger();
  for (let id = 1; id <= LIMITS.brokersPerSet; id += 1) ledger.accept(applyId(id));
  ledger.refuse(applyId(LIMITS.brokersPerSet + 1), 'limitReached');
  const set = setOf(ledger);
  for (let number = 0; ledger.store.brokerSets.size < LIMITS.brokerSets; number += 1) {
    const name = groupName(`b-${number}`);
    ledger.store.brokerSets.set(name, { ...set, name, brokers: new Map() });
  }
  ledger.refuse(applyId(1, { name: BROKER_B, address: 'x:1' }), 'limitReached');
});

test('an id out of the air, which would use the others up, is none', () => {
  const ledger = new Ledger().accept(applyId(1));
  ledger.refuse(applyId(MAX_EPOCH), 'brokerIdTaken', 'brokerId');
  ledger.refuse(applyId(1_000_003), 'brokerIdTaken', 'brokerId');
  ledger.accept(applyId(1_000_002));
  assert.equal(setOf(ledger).nextBrokerId, 1_000_003);
});
