import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { applyCommand, applyEncoded, createMetadata, markApplied } from '../../../src/core/metadata/apply.ts';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { activate, bootstrap, contentOf, fence, reigning } from './ledger.ts';

test('the applied place moves with every entry, refused and empty ones too', () => {
  const store = createMetadata();
  applyCommand(store, bootstrap, { index: 3, term: 1 });
  assert.ok(!applyCommand(store, bootstrap, { index: 4, term: 2 }).ok);
  markApplied(store, { index: 5, term: 2 });
  assert.deepEqual([store.appliedIndex, store.appliedTerm], [5, 2]);
});

test('no entry is applied twice or out of order', () => {
  const store = createMetadata();
  markApplied(store, { index: 5, term: 2 });
  const before = contentOf(store);
  for (const at of [
    { index: 5, term: 2 },
    { index: 4, term: 2 },
    { index: 6, term: 1 },
  ]) {
    assert.throws(() => applyCommand(store, bootstrap, at), InvariantError);
  }
  assert.equal(contentOf(store), before);
});

test('a committed command that cannot be read names its index', () => {
  const at = { index: 9, term: 1 };
  assert.throws(() => applyEncoded(createMetadata(), Uint8Array.of(1, 0x5b), at), /log index 9/);
});

const textOf = (value: unknown): string => inspect(value, { depth: 9 });

test('a reader may keep what it read: values are replaced, never changed', () => {
  const ledger = reigning();
  const group = ledger.group();
  const { history } = ledger.store;
  const [groupText, historyText] = [textOf(group.phase), textOf(history)];
  ledger.accept(fence(2));
  ledger.refuse(activate(2), 'staleEpoch');
  assert.notEqual(ledger.group(), group);
  assert.deepEqual([textOf(group.phase), textOf(history)], [groupText, historyText]);
});
