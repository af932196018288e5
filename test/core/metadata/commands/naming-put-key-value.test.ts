import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { everyBrokerSetCommand } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const put = everyBrokerSetCommand['naming.putKeyValue'];

test('the newer value stands, and a reader keeps the namespace that it has', () => {
  const ledger = new Ledger().accept(put);
  const before = ledger.store.namespaces.get(put.namespace);
  ledger.accept({ ...put, value: '' }, { ...put, key: '__proto__', value: '{"$bigint":"5"}' });
  assert.deepEqual([...(before ?? [])], [['TopicA', 'broker-a:4']]);
  assert.deepEqual(
    [...(ledger.store.namespaces.get(put.namespace) ?? [])],
    [
      ['TopicA', ''],
      ['__proto__', '{"$bigint":"5"}'],
    ],
  );
});

test('namespaces and their keys are limited; what is there can still change', () => {
  const ledger = new Ledger().accept(put);
  const pairs = new Map(Array.from({ length: LIMITS.keysPerNamespace }, (_, number) => [`${number}`, '']));
  ledger.store.namespaces.set(put.namespace, pairs);
  ledger.refuse(put, 'limitReached', 'key');
  ledger.accept({ ...put, key: '7' });
  for (let number = 1; number < LIMITS.namespaces; number += 1)
    ledger.store.namespaces.set(`n-${number}`, new Map());
  ledger.refuse({ ...put, namespace: 'more' }, 'limitReached', 'namespace');
});
