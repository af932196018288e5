import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, BROKER_A, BROKER_B, registration } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const remove = (number: number, name = BROKER_A) =>
  ({ type: 'registration.remove', name, address: addressOf(number) }) as const;

test('the broker leaves its set; the last one takes the set and its topics along', () => {
  const part = { topic: 'TopicA', scope: '', totalQueues: 1, epoch: 1, queues: [] };
  const ledger = new Ledger().accept(
    registration(1, { staticTopics: [part] }),
    registration(2, { brokerId: 1 }),
    registration(9, { name: BROKER_B }),
    remove(1),
  );
  assert.deepEqual([...(ledger.store.namedSets.get(BROKER_A)?.addresses ?? [])], [[1, addressOf(2)]]);
  assert.equal(ledger.store.topicQueues.get('TopicA')?.length, 2);
  ledger.accept(remove(2));
  assert.equal(ledger.store.namedSets.has(BROKER_A), false);
  assert.deepEqual(
    ledger.store.topicQueues.get('TopicA')?.map(({ name }) => name),
    [BROKER_B],
  );
  assert.equal(ledger.store.staticTopics.size, 0);
  ledger.accept(remove(9, BROKER_B));
  assert.deepEqual([ledger.store.topicQueues.size, ledger.store.registrations.size], [0, 0]);
});

test('a broker that is not registered, or is of another set, changes nothing', () => {
  const ledger = new Ledger().accept(registration(1));
  const before = new Map(ledger.store.registrations);
  ledger.accept(remove(2), remove(1, BROKER_B));
  assert.deepEqual(ledger.store.registrations, before);
});
