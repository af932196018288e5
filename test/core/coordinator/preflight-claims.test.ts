import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPreflightClaims } from '../../../src/core/coordinator/preflight-claims.ts';
import { type GroupKey, incarnation } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { KEY } from './adopted-group.ts';

const OTHER = 'main/other' as GroupKey;
const [ONE, TWO] = [incarnation('one'), incarnation('two')];

test('a process is claimed for one group at a time, and a claim that fails leaves nothing behind', () => {
  const claims = createPreflightClaims();
  assert.equal(claims.claim(KEY, [ONE], 0), null);
  assert.equal(claims.claim(KEY, [ONE], 10), null);
  assert.equal(claims.claim(OTHER, [TWO, ONE], 20), KEY);
  assert.equal(claims.claim(KEY, [TWO], 30), null);
});

test('claims end after a while, and with the term', () => {
  const claims = createPreflightClaims();
  claims.claim(KEY, [ONE], 0);
  assert.equal(claims.claim(OTHER, [ONE], 4_999), KEY);
  assert.equal(claims.claim(OTHER, [ONE], 5_000), null);
  claims.clear();
  assert.equal(claims.claim(KEY, [ONE], 5_001), null);
});

test('claims are bounded: the oldest goes', () => {
  const claims = createPreflightClaims();
  for (let count = 0; count <= LIMITS.preflightClaims; count += 1)
    claims.claim(KEY, [incarnation(`p${count}`)], 0);
  assert.equal(claims.claim(OTHER, [incarnation('p0')], 1), null);
  assert.equal(claims.claim(OTHER, [incarnation(`p${LIMITS.preflightClaims}`)], 1), KEY);
});
