import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName } from '../../../../src/core/primitives/identifiers.ts';
import { bootstrap, type CommandOf, Ledger } from '../ledger.ts';

const join = (node: string, directoryId: string): CommandOf<'member.join'> => ({
  type: 'member.join',
  node: nodeName(node),
  directoryId,
});

test('a node joins once, and may say so again', () => {
  const ledger = new Ledger().accept(bootstrap, join('node-a', 'first'), join('node-a', 'first'));
  assert.deepEqual([...ledger.store.joined], [['node-a', 'first']]);
});

test('a node that comes back with another directory is refused', () => {
  const ledger = new Ledger().accept(bootstrap, join('node-a', 'first'), join('node-b', 'other'));
  ledger.refuse(join('node-a', 'second'), 'duplicateName', 'directoryId');
  assert.equal(ledger.store.joined.get(nodeName('node-a')), 'first');
});

test('a replacement moves the mark, and the former directory is refused from then on', () => {
  const replacement = { ...join('node-a', 'second'), isReplacement: true } as const;
  const ledger = new Ledger().accept(bootstrap, join('node-a', 'first'), replacement, replacement);
  assert.equal(ledger.store.joined.get(nodeName('node-a')), 'second');
  ledger.refuse(join('node-a', 'first'), 'duplicateName', 'directoryId');
  ledger.refuse({ ...replacement, node: nodeName('node-x') }, 'invalidRequest', 'node');
});

test('only nodes of the tier join', () => {
  new Ledger().accept(bootstrap).refuse(join('node-x', 'first'), 'invalidRequest', 'node');
});
