/** Every system of a comparison is given the same keys and values, and their size is the one that is promised. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import { pairMaker } from './pair-maker.ts';

test('the command of each pair has exactly so many bytes in the log', () => {
  const pairAt = pairMaker(200);
  for (const position of [0, 999, 1_000, 123_456])
    assert.equal(encodeCommand({ type: 'keyValue.set', ...pairAt(position) }).length, 200);
});

test('a thousand keys are used again and again', () => {
  const pairAt = pairMaker(200);
  assert.equal(new Set(Array.from({ length: 2_500 }, (_, nth) => pairAt(nth).key)).size, 1_000);
});
