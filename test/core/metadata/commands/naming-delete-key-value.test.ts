import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyBrokerSetCommand } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

test('a key goes, the last one with its namespace; one that is not there changes nothing', () => {
  const put = everyBrokerSetCommand['naming.putKeyValue'];
  const remove = everyBrokerSetCommand['naming.deleteKeyValue'];
  const ledger = new Ledger().accept(remove, put, { ...put, key: 'TopicB' }, remove, remove);
  assert.deepEqual([...(ledger.store.namespaces.get(put.namespace)?.keys() ?? [])], ['TopicB']);
  ledger.accept({ ...remove, key: 'TopicB' });
  assert.equal(ledger.store.namespaces.size, 0);
});
