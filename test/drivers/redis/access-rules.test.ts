import assert from 'node:assert/strict';
import { test } from 'node:test';
import { term } from '../../../src/core/primitives/identifiers.ts';
import {
  handOf,
  isGrant,
  isNewerHand,
  isPolluxUser,
  parseAccessEntry,
  producerRules,
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

test('a steering user carries its term and the way to the server, and later ones are newer', () => {
  for (const hand of [
    { term: term(42), path: 0 },
    { term: term(42), path: 7 },
  ]) {
    assert.deepEqual(handOf(steeringUser(hand)), hand);
    assert.equal(isPolluxUser(steeringUser(hand)), true);
  }
  assert.equal(steeringUser({ term: term(42), path: 0 }), 'ns-42');
  for (const name of ['ns-4x', 'ns-4-', 'ns-4-x', 'ns-4-1-1']) assert.equal(handOf(name), null, name);
  const hands = ['ns-4', 'ns-4-3', 'ns-4-12', 'ns-5'].flatMap((name) => handOf(name) ?? []);
  for (const [index, hand] of hands.entries()) {
    for (const [other, earlier] of hands.entries()) assert.equal(isNewerHand(hand, earlier), index > other);
  }
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
