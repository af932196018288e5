import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile } from './samples.ts';

test('the median is the middle sample, or the mean of the middle two', () => {
  assert.equal(median([5, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([10, 9]), 9.5);
  assert.ok(Number.isNaN(median([])));
});

test('a percentile is the smallest sample that the share does not exceed', () => {
  const samples = Array.from({ length: 100 }, (_, position) => 100 - position);
  assert.equal(percentile(samples, 0.5), 50);
  assert.equal(percentile(samples, 0.99), 99);
  assert.equal(percentile([7], 0.5), 7);
});
