import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../../src/core/primitives/identifiers.ts';
import {
  isGrant,
  isPolluxUser,
  parseAccessEntry,
  producerRules,
  steeringTermOf,
  steeringUser,
  takesPassword,
} from '../../../src/drivers/redis/access-rules.ts';
import { passwordHashRule } from '../../../src/drivers/redis/derived-passwords.ts';

test("only names of pollux's own form are taken for its users", () => {
  assert.deepEqual(['repl-a2', 'w-12'].map(isGrant), [true, true]);
  for (const name of ['w-orders', 'worker', 'replica', 'default', 'ns-', 'ns-old', 'pollux']) {
    assert.equal(isPolluxUser(name), false, name);
  }
  for (const name of ['ns-7', 'pollux-keeper', 'pollux-probe', 'pollux-writer', 'repl-b1', 'w-0']) {
    assert.equal(isPolluxUser(name), true, name);
  }
});

test('a steering user carries its term', () => {
  assert.equal(steeringTermOf(steeringUser(term(42))), 42);
  assert.equal(steeringTermOf('ns-4x'), null);
});

test('an entry takes a password only when it is enabled and has exactly its hash', () => {
  const hash = passwordHashRule('secret');
  const entry = parseAccessEntry(
    `user pollux-probe on sanitize-payload ${hash} resetchannels -@all +ping +info`,
  );
  assert.equal(entry?.name, 'pollux-probe');
  assert.equal(entry !== null && takesPassword(entry, 'secret'), true);
  assert.equal(entry !== null && takesPassword(entry, 'other'), false);
  assert.equal(takesPassword({ name: 'x', rules: ['off', hash] }, 'secret'), false);
  assert.equal(parseAccessEntry('nonsense'), null);
});

test("a producer's password never appears in its rules", () => {
  assert.equal(producerRules('application password').join(' ').includes('application password'), false);
  assert.equal(producerRules(null).includes('nopass'), true);
});
