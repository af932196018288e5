import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { majorityOf, reachedByMajority } from '../../../src/core/raft/quorum.ts';

test('what a majority reached is the greatest value that a majority is at or past', () => {
  const groups = fc
    .constantFrom(1, 3, 5)
    .chain((size) => fc.array(fc.nat(20), { minLength: size, maxLength: size }));
  fc.assert(
    fc.property(groups, (values) => {
      const reached = reachedByMajority([...values]);
      const at = (index: number): number => values.filter((value) => value >= index).length;
      assert.ok(at(reached) >= majorityOf(values.length));
      assert.ok(at(reached + 1) < majorityOf(values.length));
    }),
  );
});
