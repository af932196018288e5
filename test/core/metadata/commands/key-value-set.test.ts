import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { Ledger } from '../ledger.ts';

const set = (key: string, value: string) => ({ type: 'keyValue.set', key, value }) as const;

test('the newer value stands', () => {
  const ledger = new Ledger().accept(set('a', '1'), set('a', '2'));
  assert.deepEqual([...ledger.store.keyValues], [['a', '2']]);
});

test('text of any kind comes back as it was, also what looks like our own tags', () => {
  for (const text of ['', '\u0000"\\\n', '{"$bigint":"5"}', 'ü漢😀', '\ud800']) {
    assert.equal(new Ledger().accept(set('a', text)).store.keyValues.get('a'), text);
  }
});

test('keys are limited; a key that is there can still be changed', () => {
  const ledger = new Ledger();
  for (let number = 0; number < LIMITS.keyValues; number += 1) ledger.store.keyValues.set(`k-${number}`, '');
  ledger.refuse(set('one-more', ''), 'limitReached');
  ledger.accept(set('k-0', 'x'));
});
