import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { blocksOf, LogBlocks } from '../../src/platform/log-blocks.ts';
import { entriesOf, entry } from './log-contract.ts';

test('a cut takes out what begins behind it, and keeps the block that it goes through', () => {
  const blocks = new LogBlocks([1, 5, 9]);
  assert.deepEqual(blocks.cutFrom(6), [9]);
  blocks.add(6);
  assert.deepEqual(blocks.cutFrom(5), [5, 6]);
  assert.deepEqual(blocks.cutFrom(0), [1]);
  assert.deepEqual(blocks.cutFrom(0), []);
});

test('a block is dropped once the next one begins at or below the oldest entry wanted', () => {
  const blocks = new LogBlocks([1, 5, 9]);
  assert.deepEqual(blocks.dropBelow(4), []);
  assert.deepEqual(blocks.dropBelow(5), [1]);
  assert.deepEqual(blocks.dropBelow(100), [5], 'the last one stays');
});

test('entries are cut into blocks of bounded size, each with the term before it, and none is empty', () => {
  assert.deepEqual(blocksOf([], 3), []);
  const few = entriesOf(4, 6, 2);
  assert.deepEqual(blocksOf(few, 1), [{ previousTerm: 1, entries: few }]);
  const large = (index: number, term: number, bytes: number) => ({
    ...entry(index, term),
    data: Buffer.alloc(bytes),
  });
  const most = LIMITS.logBlockBytes;
  const many = [
    large(1, 1, most + 1),
    large(2, 2, most),
    large(3, 3, 1),
    large(4, 3, most - 1),
    large(5, 4, 1),
  ];
  assert.deepEqual(
    blocksOf(many, 0).map(({ previousTerm, entries }) => [previousTerm, entries.map(({ index }) => index)]),
    [
      [0, [1]],
      [1, [2]],
      [2, [3, 4]],
      [3, [5]],
    ],
  );
});
