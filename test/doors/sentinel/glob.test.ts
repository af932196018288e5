import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesGlob } from '../../../src/doors/sentinel/glob.ts';

describe('matchesGlob', () => {
  const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['*', '', true],
    ['*', '+switch-master', true],
    ['', '', true],
    ['', 'a', false],
    ['+switch-master', '+switch-master', true],
    // A client that forgets the sign hears nothing, as at a Sentinel.
    ['switch-master', '+switch-master', false],
    ['[-+]sdown', '+sdown', true],
    ['[-+]sdown', '-sdown', true],
    ['[-+]sdown', '*sdown', false],
    ['[^+]sdown', '-sdown', true],
    ['[^+]sdown', '+sdown', false],
    ['[a-c]x', 'bx', true],
    ['[c-a]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[\\]]x', ']x', true],
    ['[a', 'a', true],
    ['[a', 'b', false],
    ['orders-?', 'orders-a', true],
    ['orders-?', 'orders-', false],
    ['*-a', 'orders-a-a', true],
    ['*-a*b', 'orders-a-xxb', true],
    ['a**b', 'ab', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a\\', 'a\\', true],
    ['Orders', 'orders', false],
  ];
  for (const [pattern, text, matches] of cases) {
    it(`${JSON.stringify(pattern)} ${matches ? 'fits' : 'does not fit'} ${JSON.stringify(text)}`, () => {
      assert.equal(matchesGlob(pattern, text), matches);
    });
  }

  it('does not take for ever over many stars', () => {
    const startedMs = performance.now();
    assert.equal(matchesGlob('a*'.repeat(200).concat('b'), 'a'.repeat(10_000)), false);
    assert.ok(performance.now() - startedMs < 5_000);
  });
});
