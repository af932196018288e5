import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createMetadata } from '../../src/core/metadata/apply.ts';
import { announceWhenValid, tokenCandidate } from '../../src/main/operator-token.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-token-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('a made token is long, another each time, and the tier only learns its hash', () => {
  const [one, other] = [tokenCandidate(null, 5), tokenCandidate(null, 5)];
  assert.notEqual(one.plain, other.plain);
  assert.notEqual(one.record.id, other.record.id);
  assert.ok(Buffer.from(one.plain, 'base64url').length >= 24);
  assert.equal(one.record.sha256, createHash('sha256').update(one.plain).digest('hex'));
  assert.equal(one.record.createdWallMs, 5);
  assert.doesNotMatch(JSON.stringify(one.record), new RegExp(one.plain));
});

test('a configured token is taken as it is', () => {
  assert.equal(tokenCandidate('sesame', 5).plain, 'sesame');
});

test('a configured token is neither printed nor copied', () => {
  const candidate = tokenCandidate('sesame', 5);
  const store = createMetadata();
  store.tokens.set(candidate.record.id, candidate.record);
  const printed: string[] = [];
  assert.equal(
    announceWhenValid(store, candidate, directory, (line) => printed.push(line)),
    true,
  );
  assert.match(printed.join(), /operatorToken/);
  assert.doesNotMatch(printed.join(), /sesame/);
  assert.equal(existsSync(join(directory, 'operator-token')), false);
});

test('only the node whose token the tier took prints it and keeps a copy, for its owner alone', () => {
  const candidate = tokenCandidate(null, 5);
  const store = createMetadata();
  const printed: string[] = [];
  const announce = () => announceWhenValid(store, candidate, directory, (line) => printed.push(line));
  const path = join(directory, 'operator-token');

  const another = tokenCandidate(null, 5).record;
  store.tokens.set(another.id, another);
  assert.equal(announce(), false);
  assert.deepEqual([printed, existsSync(path)], [[], false]);

  store.tokens.set(candidate.record.id, candidate.record);
  assert.equal(announce(), true);
  assert.equal(printed.length, 1);
  assert.match(printed.join(), new RegExp(`shown once.*: ${candidate.plain}$`));
  assert.equal(readFileSync(path, 'utf8'), `${candidate.plain}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});
