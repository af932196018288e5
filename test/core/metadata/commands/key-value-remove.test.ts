import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../ledger.ts';

test('a key is removed once', () => {
  const ledger = new Ledger().accept(
    { type: 'keyValue.set', key: 'a', value: '1' },
    { type: 'keyValue.remove', key: 'a' },
  );
  assert.equal(ledger.store.keyValues.size, 0);
  ledger.refuse({ type: 'keyValue.remove', key: 'a' }, 'unknownKey', 'key');
});
