import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { bootstrap, type CommandOf, Ledger } from '../ledger.ts';

const addToken = (id: string): CommandOf<'token.add'> => ({
  type: 'token.add',
  token: { ...bootstrap.token, id },
});

test('tokens have distinct ids', () => {
  const ledger = new Ledger().accept(bootstrap, addToken('second'));
  assert.deepEqual([...ledger.store.tokens.keys()], ['first', 'second']);
  ledger.refuse(addToken('first'), 'duplicateName', 'token.id');
});

test('tokens are limited', () => {
  const ledger = new Ledger().accept(bootstrap);
  for (let number = 1; number < LIMITS.operatorTokens; number += 1) ledger.accept(addToken(`t-${number}`));
  ledger.refuse(addToken('one-more'), 'limitReached');
});
