import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countTail, parseTail } from '../../../src/core/failover/tail-commands.ts';

const encoder = new TextEncoder();
const bulk = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`).join('')}`;
const streamOf = (commands: readonly (readonly string[])[]): Uint8Array =>
  encoder.encode(commands.map(bulk).join(''));

test('what was written is read back, whatever the words are, and wherever it is cut', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), fc.nat(), (commands, at) => {
      const bytes = streamOf(commands);
      assert.deepEqual(parseTail(bytes), { commands, leftBytes: 0 });
      const cut = bytes.subarray(0, at % (bytes.length + 1));
      const read = parseTail(cut);
      assert.deepEqual(read.commands, commands.slice(0, read.commands.length));
      assert.equal(streamOf(read.commands).length + read.leftBytes, cut.length);
    }),
  );
});

test('bytes that are no commands are left, and nothing is made up', () => {
  const text = encoder.encode('*1\r\n$4\r\nPING\r\nnonsense');
  assert.deepEqual(parseTail(text), { commands: [['PING']], leftBytes: 8 });
  assert.equal(parseTail(encoder.encode('*1\r\n$99999999\r\nx')).leftBytes, 16);
});

test('only what changes data counts as a write, and a deletion of one key may be an expiry', () => {
  const commands = [
    ['SELECT', '0'],
    ['ping'],
    ['REPLCONF', 'GETACK', '*'],
    ['MULTI'],
    ['SET', 'k', 'v'],
    ['XADD', 's', '1-1', 'f', 'v'],
    ['EXEC'],
    ['DEL', 'k'],
    ['UNLINK', 'k'],
    ['DEL', 'k', 'l'],
    ['PUBLISH', 'c', 'm'],
  ];
  assert.deepEqual(countTail(commands), { writes: 3, perhapsExpiries: 2, others: 6 });
});
