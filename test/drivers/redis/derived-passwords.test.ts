import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivePassword, passwordHashRule } from '../../../src/drivers/redis/derived-passwords.ts';

test('passwords differ by secret and by user, and are the same for every node', () => {
  const all = ['ns-1', 'ns-11', 'repl-1', 'pollux-keeper'].flatMap((name) => [
    derivePassword('secret a', name),
    derivePassword('secret b', name),
  ]);
  assert.equal(new Set(all).size, all.length);
  assert.equal(derivePassword('secret a', 'ns-1'), all[0]);
});

test('the keeper can be found by hand, as the page for emergencies says', () => {
  // printf 'pollux-redis-user:pollux-keeper' | openssl dgst -sha256 -hmac abc -r
  assert.equal(
    derivePassword('abc', 'pollux-keeper'),
    '2ef96006b5ff3f6ca0fd92e1a983a3e29e734d39985045087c3777b157bc83a8',
  );
});

test('the rule has the form of an access list', () => {
  assert.match(passwordHashRule('x'), /^#[0-9a-f]{64}$/);
});
