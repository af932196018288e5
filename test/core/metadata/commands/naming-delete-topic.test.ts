import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registrationStanding } from '../../../../src/core/metadata/registration-plan.ts';
import { clusterName } from '../../../../src/core/primitives/identifiers.ts';
import { BROKER_A, BROKER_B, CLUSTER, registration, version } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const OTHER = clusterName('OtherCluster');
const remove = (cluster: typeof OTHER | null) =>
  ({ type: 'naming.deleteTopic', topic: 'TopicA', cluster }) as const;
const two = () => new Ledger().accept(registration(1), registration(9, { name: BROKER_B, cluster: OTHER }));

test('a topic goes everywhere, or only from the sets of a cluster', () => {
  const ledger = two().accept(remove(CLUSTER));
  assert.deepEqual(
    ledger.store.topicQueues.get('TopicA')?.map(({ name }) => name),
    [BROKER_B],
  );
  assert.deepEqual(
    [ledger.store.namedSets.get(BROKER_A)?.topics, ledger.store.namedSets.get(BROKER_B)?.topics],
    [1, 2],
  );
  ledger.accept(remove(null), remove(null));
  assert.deepEqual([...ledger.store.topicQueues.keys()], ['TBW102']);
});

test('a broker that still has it brings it back with its next registration, changed or not', () => {
  const ledger = two().accept(remove(CLUSTER));
  const again = { ...registration(1), brokerId: 0 };
  assert.deepEqual(registrationStanding(ledger.store, again), { ok: true, value: 'news' });
  const untouched = registration(9, { name: BROKER_B, cluster: OTHER });
  assert.deepEqual(registrationStanding(ledger.store, untouched), { ok: true, value: 'known' });
  ledger.accept(registration(1, { dataVersion: version(1) }));
  assert.equal(ledger.store.topicQueues.get('TopicA')?.length, 2);
});
