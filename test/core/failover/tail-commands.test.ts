import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ParsedTail, type TailBounds, TailParser } from '../../../src/core/failover/tail-commands.ts';

const encoder = new TextEncoder();
const bulk = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`).join('')}`;
const ALL = { commands: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
function parseTail(bytes: Uint8Array, bounds: TailBounds = ALL, atOnce = 1_000): ParsedTail {
  const parser = new TailParser(bytes, bounds);
  while (!parser.advance(atOnce));
  return parser.result();
}
const streamOf = (commands: readonly (readonly string[])[]): Uint8Array =>
  encoder.encode(commands.map(bulk).join(''));

test('what was written is read back, whatever the words are, and wherever it is cut', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), fc.nat(), (commands, at) => {
      const bytes = streamOf(commands);
      const whole = parseTail(bytes);
      assert.deepEqual([whole.commands, whole.commandsLeft, whole.leftBytes], [commands, 0, 0]);
      assert.deepEqual(parseTail(bytes, ALL, 1), whole, 'the turns in which it is read change nothing');
      const cut = bytes.subarray(0, at % (bytes.length + 1));
      const read = parseTail(cut);
      assert.deepEqual(read.commands, commands.slice(0, read.commands.length));
      assert.equal(streamOf(read.commands).length + read.leftBytes, cut.length);
    }),
  );
});

test('bytes that are no commands are left, and nothing is made up', () => {
  const text = encoder.encode('*1\r\n$4\r\nPING\r\nnonsense');
  const { commands, leftBytes } = parseTail(text);
  assert.deepEqual([commands, leftBytes], [[['PING']], 8]);
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
  assert.deepEqual(parseTail(streamOf(commands)).counts, { writes: 3, perhapsExpiries: 2, others: 6 });
});

test('beyond the bounds commands are counted and not decoded, and nothing behind a gap is shown', () => {
  const large = ['SET', 'k', 'x'.repeat(1_000)];
  const bytes = streamOf([['SET', 'a', '1'], large, ['SET', 'b', '2'], ['DEL', 'a']]);
  const few = parseTail(bytes, { commands: 2, bytes: 10_000 });
  assert.deepEqual([few.commands, few.commandsLeft], [[['SET', 'a', '1'], large], 2]);
  const small = parseTail(bytes, { commands: 10, bytes: 500 });
  assert.deepEqual([small.commands, small.commandsLeft], [[['SET', 'a', '1']], 3]);
  assert.deepEqual(small.counts, { writes: 3, perhapsExpiries: 1, others: 0 });
});

test('a long tail is read in turns', () => {
  const parser = new TailParser(streamOf(Array.from({ length: 100 }, () => ['PING'])), ALL);
  assert.equal(parser.advance(100), false);
  assert.ok(parser.result().commands.length < 10);
});
