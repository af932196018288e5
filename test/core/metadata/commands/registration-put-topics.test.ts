import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOf,
  alike,
  BROKER_A,
  everyBrokerSetCommand,
  registration,
  version,
} from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const put = { ...everyBrokerSetCommand['registration.putTopics'], dataVersion: version(1) };
const completeOf = (ledger: Ledger) => ledger.store.registrations.get(addressOf(1))?.complete;

test('further topics join the first, and the last of them completes the registration', () => {
  const ledger = new Ledger().accept(registration(1, { complete: false }));
  assert.equal(completeOf(ledger), false);
  ledger.accept({ ...put, complete: false }, { ...put, topics: [alike(['Last'])] });
  assert.equal(completeOf(ledger), true);
  assert.deepEqual([...ledger.store.topicQueues.keys()].sort(), ['%RETRY%group', 'Last', 'TBW102', 'TopicA']);
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.topics, 4);
});

test('they are refused once another word on the topics counts, or another version', () => {
  const ledger = new Ledger();
  ledger.refuse(put, 'unknownBrokerSet', 'name');
  ledger.accept(registration(1, { complete: false }));
  ledger.refuse({ ...put, dataVersion: version(2) }, 'staleRegistration', 'address');
  ledger.refuse({ ...put, address: addressOf(2) }, 'staleRegistration', 'address');
  ledger.accept(registration(2));
  ledger.refuse(put, 'staleRegistration', 'address');
});

test('a static part is one more reason to make routes anew', () => {
  const ledger = new Ledger().accept(registration(1, { complete: false }));
  const part = { topic: 'TopicA', scope: '', totalQueues: 1, epoch: 1, queues: [] };
  ledger.accept({ ...put, staticTopics: [part] });
  assert.equal(ledger.store.brokersRevision, ledger.store.appliedIndex);
  ledger.accept(put);
  assert.notEqual(ledger.store.brokersRevision, ledger.store.appliedIndex);
});
