import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName, groupName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import {
  addressOf,
  alike,
  applyId,
  BROKER_A,
  BROKER_B,
  elect,
  IDC_A,
  IDC_B,
  loseMaster,
  registration,
  version,
} from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const addresses = (ledger: Ledger, name = BROKER_A) => [
  ...(ledger.store.namedSets.get(name)?.addresses ?? []),
];
const topicsOf = (ledger: Ledger) => [...ledger.store.topicQueues.keys()].sort();
const permissionOf = (ledger: Ledger, topic: string) =>
  ledger.store.topicQueues.get(topic)?.map(({ name, permission }) => [name, permission]);

/** Broker 1 is the elected master of epoch 1, with broker 2 in the other IDC; both are registered. */
const elected = () =>
  new Ledger().accept(
    applyId(1),
    applyId(2),
    elect(1, 0),
    registration(1, { dataVersion: version(1, 1) }),
    registration(2, { brokerId: 2, site: IDC_B, dataVersion: version(1, 1) }),
  );

test('a first registration makes the set, its addresses and its topics', () => {
  const ledger = new Ledger().accept(registration(1), registration(2, { brokerId: 1 }));
  assert.deepEqual(addresses(ledger), [
    [0, addressOf(1)],
    [1, addressOf(2)],
  ]);
  assert.deepEqual(topicsOf(ledger), ['TBW102', 'TopicA']);
  const set = ledger.store.namedSets.get(BROKER_A);
  assert.deepEqual([set?.topics, set?.enableActingMaster, set?.writePermission], [2, false, 'asRegistered']);
});

test('a broker that changes its role leaves its former id', () => {
  const ledger = new Ledger().accept(registration(1), registration(2, { brokerId: 1 }));
  ledger.accept(registration(2, { brokerId: 0, dataVersion: version(2, 1) }));
  assert.deepEqual(addresses(ledger), [[0, addressOf(2)]]);
  assert.equal(ledger.store.registrations.get(addressOf(1))?.brokerId, null);
  ledger.accept(registration(1, { brokerId: 1, dataVersion: version(2, 1) }));
  assert.deepEqual(addresses(ledger), [
    [0, addressOf(2)],
    [1, addressOf(1)],
  ]);
});

test('an id that is held in a greater state version is not taken over, whatever the id', () => {
  const ledger = new Ledger().accept(
    registration(1, { dataVersion: version(1, 5) }),
    registration(3, { brokerId: 2, dataVersion: version(1, 5) }),
  );
  ledger.refuse(registration(2, { dataVersion: version(9, 4) }), 'staleRegistration', 'brokerId');
  ledger.refuse(
    registration(2, { brokerId: 2, dataVersion: version(9, 4) }),
    'staleRegistration',
    'brokerId',
  );
  ledger.accept(registration(2, { dataVersion: version(9, 5) }));
  assert.deepEqual(addresses(ledger)[0], [0, addressOf(2)]);
});

test('a broker under an unknown id with exactly one topic is refused', () => {
  const one = { topicCount: 1, topics: [alike(['TopicA'])] };
  const ledger = new Ledger();
  ledger.refuse(registration(1, one), 'singleTopicRegistration');
  ledger.accept(registration(1, { topicCount: 0, topics: [] }));
  ledger.accept(registration(1, { ...one, dataVersion: version(2) }));
  ledger.refuse(registration(2, { brokerId: 1, ...one }), 'singleTopicRegistration');
});

test('topics come from the master; without one from the smallest id, unless its release is an old one', () => {
  const slaves = { topicCount: 3, topics: [alike(['Slave'])] };
  const withMaster = new Ledger().accept(registration(1), registration(2, { brokerId: 1, ...slaves }));
  assert.deepEqual(topicsOf(withMaster), ['TBW102', 'TopicA']);
  const alone = new Ledger().accept(registration(2, { brokerId: 1, ...slaves }));
  assert.deepEqual(topicsOf(alone), ['Slave']);
  alone.accept(registration(3, { brokerId: 2, topics: [alike(['Other'])] }));
  assert.deepEqual(topicsOf(alone), ['Slave']);
  const old = new Ledger().accept(registration(2, { brokerId: 1, enableActingMaster: null, ...slaves }));
  assert.deepEqual(topicsOf(old), []);
  assert.equal(old.store.namedSets.get(BROKER_A)?.enableActingMaster, false);
});

test('the flag of acting masters is that of the newest registration', () => {
  const ledger = new Ledger().accept(registration(1, { enableActingMaster: true }));
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.enableActingMaster, true);
  ledger.accept(registration(2, { brokerId: 1, enableActingMaster: null }));
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.enableActingMaster, false);
});

test('a wiped write permission comes back with the next changed registration of the master, and no other', () => {
  const wipe = { type: 'naming.setWritePermission', name: BROKER_A, permission: 'wiped' } as const;
  const ledger = new Ledger().accept(registration(1), registration(2, { brokerId: 1 }), wipe);
  const mark = () => ledger.store.namedSets.get(BROKER_A)?.writePermission;
  ledger.accept(registration(1, { haAddress: '10.0.0.1:9' }));
  ledger.accept(registration(2, { brokerId: 1, dataVersion: version(8) }));
  assert.equal(mark(), 'wiped');
  ledger.accept(registration(1, { dataVersion: version(2) }));
  assert.equal(mark(), 'asRegistered');
});

test('a topic that changed is replaced, the others stay the very objects that they were', () => {
  const ledger = new Ledger().accept(registration(1));
  const before = ledger.store.topicQueues.get('TBW102');
  ledger.accept(registration(1, { dataVersion: version(2), topics: [alike(['TopicA'], { permission: 4 })] }));
  assert.deepEqual(permissionOf(ledger, 'TopicA'), [[BROKER_A, 4]]);
  assert.equal(ledger.store.topicQueues.get('TBW102'), before);
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.topics, 2);
});

test('sets of one topic stand in order of their names, and share what they hold alike', () => {
  const ledger = new Ledger().accept(
    registration(9, { name: BROKER_B }),
    registration(1),
    registration(9, { name: BROKER_B, dataVersion: version(2), topics: [alike(['TopicC'])] }),
  );
  assert.deepEqual(
    ledger.store.topicQueues.get('TopicA')?.map(({ name }) => name),
    [BROKER_A, BROKER_B],
  );
  assert.equal(ledger.store.topicQueues.get('TopicC')?.[0], ledger.store.topicQueues.get('TopicA')?.[1]);
});

test('a brokerName belongs to one cluster, and an address to one broker set', () => {
  const ledger = new Ledger().accept(registration(1), applyId(1, { name: BROKER_B, address: addressOf(7) }));
  const other = clusterName('OtherCluster');
  ledger.refuse(registration(2, { cluster: other }), 'brokerNameTaken', 'name');
  ledger.refuse(registration(2, { cluster: other, name: BROKER_B }), 'brokerNameTaken', 'name');
  ledger.refuse(registration(1, { name: BROKER_B }), 'addressTaken', 'address');
});

test('zones are kept for each broker, not for the set', () => {
  const ledger = new Ledger().accept(
    registration(1),
    registration(2, { brokerId: 1, site: IDC_B, zone: 'idc-b' }),
  );
  const sites = [1, 2].map((number) => ledger.store.registrations.get(addressOf(number))?.site);
  assert.deepEqual(sites, [IDC_A, IDC_B]);
});

test('a deposed master that still calls itself master is ignored, also before its successor registers', () => {
  const ledger = elected();
  ledger.accept(
    {
      type: 'brokerSet.alterSyncStateSet',
      name: BROKER_A,
      masterBrokerId: 1,
      masterEpoch: 1,
      syncStateSet: [1, 2],
      syncStateSetEpoch: 1,
    },
    elect(2, 1),
  );
  assert.deepEqual(addresses(ledger), [[0, addressOf(2)]]);
  ledger.refuse(registration(1, { dataVersion: version(7, 1) }), 'staleRegistration', 'brokerId');
  ledger.refuse(registration(1, { dataVersion: version(7, 2) }), 'staleRegistration', 'brokerId');
  // The new master has not heard of its election yet: it stays what it was elected to.
  ledger.accept(registration(2, { brokerId: 2, dataVersion: version(2, 1) }));
  assert.deepEqual(addresses(ledger), [[0, addressOf(2)]]);
  ledger.accept(registration(2, { brokerId: 0, dataVersion: version(3, 2) }));
  ledger.accept(registration(1, { brokerId: 1, dataVersion: version(3, 2) }));
  assert.deepEqual(addresses(ledger), [
    [0, addressOf(2)],
    [1, addressOf(1)],
  ]);
});

test('a master that was given up is nobody until it is elected again', () => {
  const ledger = elected().accept(loseMaster(1));
  ledger.refuse(registration(1, { dataVersion: version(7, 1) }), 'staleRegistration', 'brokerId');
  ledger.accept(elect(1, 2), registration(1, { dataVersion: version(8, 3) }));
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.addresses.get(0), addressOf(1));
});

test('an epoch above ours is believed: the tier may have lost its own', () => {
  const ledger = elected();
  ledger.accept(registration(3, { brokerId: 0, dataVersion: version(1, 9) }));
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.addresses.get(0), addressOf(3));
});

test('the id of a registered broker is not taken by another address', () => {
  const ledger = elected();
  ledger.refuse(registration(9, { brokerId: 2, dataVersion: version(1, 1) }), 'brokerIdTaken', 'brokerId');
  ledger.accept({ type: 'registration.remove', name: BROKER_A, address: addressOf(2) });
  ledger.accept(registration(9, { brokerId: 2, dataVersion: version(1, 1) }));
});

test('the Controller learns HA address and site of the brokers that it knows', () => {
  const ledger = new Ledger().accept(applyId(1, { site: null }), registration(1));
  const broker = ledger.store.brokerSets.get(BROKER_A)?.brokers.get(1);
  assert.deepEqual([broker?.haAddress, broker?.site], ['10.0.0.1:10912', IDC_A]);
});

test('only what routes depend on raises their revision', () => {
  const ledger = new Ledger().accept(registration(1));
  const first = ledger.store.brokersRevision;
  ledger.accept(registration(1, { dataVersion: version(2), topics: [alike(['TopicC'])] }));
  assert.equal(ledger.store.brokersRevision, first);
  ledger.accept(registration(1, { dataVersion: version(2), site: IDC_B }));
  assert.equal(ledger.store.brokersRevision, ledger.store.appliedIndex);
});

test('registrations, sets, brokers and topics are limited, and what is there can still change', () => {
  const full = new Ledger().accept(registration(1));
  const one = full.store.registrations.get(addressOf(1));
  assert.ok(one);
  for (let number = 1; full.store.registrations.size < LIMITS.registrations; number += 1)
    full.store.registrations.set(`x:${number}`, { ...one, address: `x:${number}`, brokerId: null });
  full.refuse(registration(2, { brokerId: 1 }), 'limitReached');
  full.accept(registration(1, { dataVersion: version(2) }));

  const crowded = new Ledger();
  for (let number = 0; number < LIMITS.brokersPerSet; number += 1)
    crowded.accept(registration(number, { brokerId: number, topics: [] }));
  crowded.refuse(registration(99, { brokerId: 99 }), 'limitReached');
  crowded.accept(registration(98, { brokerId: 3 }));

  const sets = new Ledger().accept(registration(1));
  const set = sets.store.namedSets.get(BROKER_A);
  assert.ok(set);
  for (let number = 0; sets.store.namedSets.size < LIMITS.brokerSets; number += 1)
    sets.store.namedSets.set(groupName(`b-${number}`), { ...set, name: groupName(`b-${number}`), topics: 0 });
  sets.refuse(registration(2, { name: BROKER_B }), 'limitReached');

  const places = new Ledger().accept(registration(1));
  places.store.namedSets.set(BROKER_B, { ...set, name: BROKER_B, topics: LIMITS.topicPlaces - 2 });
  places.refuse(
    registration(1, { dataVersion: version(2), topics: [alike(['TopicC'])] }),
    'limitReached',
    'topics',
  );
  places.accept(registration(1, { dataVersion: version(2), topics: [alike(['TopicA'], { permission: 4 })] }));
});
