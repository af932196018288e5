import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROKER_A, everyBrokerSetCommand, registration } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

test('the mark stands on the set; its topics stay the objects that they were', () => {
  const wipe = everyBrokerSetCommand['naming.setWritePermission'];
  const ledger = new Ledger();
  ledger.refuse(wipe, 'unknownBrokerSet', 'name');
  ledger.accept(registration(1));
  const places = ledger.store.topicQueues.get('TopicA');
  ledger.accept(wipe);
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.writePermission, 'wiped');
  assert.equal(ledger.store.topicQueues.get('TopicA'), places);
  assert.equal(ledger.store.brokersRevision, ledger.store.appliedIndex);
  ledger.accept(wipe);
  assert.notEqual(ledger.store.brokersRevision, ledger.store.appliedIndex);
  ledger.accept({ ...wipe, permission: 'added' });
  assert.equal(ledger.store.namedSets.get(BROKER_A)?.writePermission, 'added');
});
