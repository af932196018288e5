import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { OperatorToken } from '../../../src/core/metadata/state.ts';
import { authorize } from '../../../src/doors/http/operator-token.ts';

const token = (id: string, secret: string): [string, OperatorToken] => [
  id,
  { id, sha256: createHash('sha256').update(secret).digest('hex'), role: 'operator', createdWallMs: 0 },
];
const tokens = new Map([token('first', 'one'), token('second', 'two')]);

describe('authorize', () => {
  it('names the token that was presented, whatever the case of the scheme', () => {
    assert.deepEqual(authorize(tokens, 'Bearer one'), { ok: true, value: { by: 'first' } });
    assert.deepEqual(authorize(tokens, 'bearer two'), { ok: true, value: { by: 'second' } });
  });

  it('refuses what is missing, of another scheme, wrong, or a stored hash itself', () => {
    const hash = tokens.get('first')?.sha256 ?? '';
    for (const header of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Basic one',
      'one',
      'Bearer on',
      'Bearer one two',
      `Bearer ${hash}`,
    ]) {
      const result = authorize(tokens, header);
      assert.ok(!result.ok && result.refusal.code === 'unauthorized', header);
    }
  });

  it('calls no token unknown while the node has not heard of any', () => {
    const result = authorize(new Map(), 'Bearer one');
    assert.ok(!result.ok && result.refusal.code === 'noLeader');
  });

  it('lets nobody in on a stored hash that is damaged', () => {
    const damaged = new Map<string, OperatorToken>([
      ['x', { id: 'x', sha256: '', role: 'operator', createdWallMs: 0 }],
    ]);
    assert.equal(authorize(damaged, 'Bearer x').ok, false);
  });
});
