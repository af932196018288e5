import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName } from '../../../src/core/primitives/identifiers.ts';
import {
  clusterInfoOf,
  dataVersionOf,
  memberGroupOf,
  orderSettingOf,
  orderSettingsOf,
  registeredTopics,
  systemTopicsOf,
  topicsOfCluster,
} from '../../../src/core/routing/name-lists.ts';
import {
  addressOf,
  alike,
  BROKER_A,
  BROKER_B,
  CLUSTER,
  everyBrokerSetCommand,
  IDC_A,
  registration,
  version,
} from '../metadata/broker-set-fixture.ts';
import { Ledger } from '../metadata/ledger.ts';

const OTHER = clusterName('OtherCluster');
const { store } = new Ledger().accept(
  registration(9, { name: BROKER_B, cluster: OTHER, topics: [alike(['TopicB', 'TBW102'])] }),
  registration(1),
  registration(2, { brokerId: 1 }),
);

test('clusters with their broker sets, and sets with their brokers', () => {
  const { sets, clusters } = clusterInfoOf(store);
  assert.deepEqual(
    [...clusters],
    [
      [CLUSTER, [BROKER_A]],
      [OTHER, [BROKER_B]],
    ],
  );
  assert.deepEqual(
    sets.map(({ name, addresses, site }) => [name, [...addresses.keys()], site]),
    [
      [BROKER_A, [0, 1], IDC_A],
      [BROKER_B, [0], IDC_A],
    ],
  );
});

test('the members of a set, and nobody where it is unknown or of another cluster', () => {
  assert.deepEqual([...memberGroupOf(store, CLUSTER, BROKER_A).values()], [addressOf(1), addressOf(2)]);
  assert.equal(memberGroupOf(store, OTHER, BROKER_A).size, 0);
});

test('topics of all, of a cluster, and of the system', () => {
  assert.deepEqual(registeredTopics(store), ['TBW102', 'TopicA', 'TopicB']);
  assert.deepEqual(topicsOfCluster(store, OTHER), ['TBW102', 'TopicB']);
  assert.deepEqual(systemTopicsOf(store), {
    topics: [CLUSTER, OTHER, BROKER_A, BROKER_B],
    brokerAddress: addressOf(1),
  });
  assert.deepEqual(systemTopicsOf(new Ledger().store), { topics: [], brokerAddress: null });
});

test('a broker learns whether it has to register', () => {
  assert.deepEqual(dataVersionOf(store, addressOf(1), version(1)), { known: version(1), changed: false });
  assert.deepEqual(dataVersionOf(store, addressOf(1), version(2)), { known: version(1), changed: true });
  assert.deepEqual(dataVersionOf(store, addressOf(7), version(1)), { known: null, changed: true });
  const half = new Ledger().accept(registration(1, { complete: false }));
  assert.equal(dataVersionOf(half.store, addressOf(1), version(1)).changed, true);
});

test('order settings of one topic and of all', () => {
  const ledger = new Ledger();
  assert.deepEqual([orderSettingsOf(ledger.store), orderSettingOf(ledger.store, 'TopicA')], [null, null]);
  ledger.accept(everyBrokerSetCommand['naming.putKeyValue']);
  assert.equal(orderSettingOf(ledger.store, 'TopicA'), 'broker-a:4');
});
