import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROKER_A, BROKER_B, everyBrokerSetCommand, registration } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const kind = { readQueues: 1, writeQueues: 1, permission: 6, sysFlag: 0 };

test('all sets of the topic are registered, or nothing is stored', () => {
  const put = everyBrokerSetCommand['naming.putTopic'];
  const both = {
    ...put,
    queues: [
      { name: BROKER_A, ...kind },
      { name: BROKER_B, ...kind },
    ],
  };
  const ledger = new Ledger().accept(registration(1));
  ledger.refuse(both, 'unknownBrokerSet', 'name');
  ledger.accept(put, registration(9, { name: BROKER_B }), both);
  assert.deepEqual(
    ledger.store.topicQueues.get('TopicB')?.map(({ name }) => name),
    [BROKER_A, BROKER_B],
  );
  assert.deepEqual(ledger.store.namedSets.get(BROKER_A)?.topics, 3);
  const twice = {
    ...put,
    queues: [
      { name: BROKER_A, ...kind },
      { name: BROKER_A, ...kind },
    ],
  };
  ledger.refuse(twice, 'invalidRequest', 'queues');
});
