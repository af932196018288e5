import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inlineWords } from '../../../src/doors/sentinel/inline-words.ts';

describe('inlineWords', () => {
  const cases: readonly (readonly [line: string, words: readonly string[] | null])[] = [
    ['', []],
    ['   ', []],
    ['PING', ['PING']],
    [' sentinel \t masters ', ['sentinel', 'masters']],
    ['echo "a b"', ['echo', 'a b']],
    ['echo "a\\n\\x41\\"\\q"', ['echo', 'a\nA"q']],
    ["echo 'a \\' b\\n'", ['echo', "a ' b\\n"]],
    ['echo ""', ['echo', '']],
    ['echo a"b"', ['echo', 'ab']],
    ['echo "a', null],
    ["echo 'a", null],
    ['echo "a"b', null],
    ["echo 'a'b", null],
  ];
  for (const [line, words] of cases) {
    it(`${JSON.stringify(line)} is ${JSON.stringify(words)}`, () => {
      assert.deepEqual(inlineWords(line), words);
    });
  }
});
