import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countedMembers,
  covers,
  coversAll,
  neededReads,
  promisesNothing,
} from '../../../src/core/failover/acknowledging.ts';
import { type ReplicaId, replicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, memberOf, processOf, subsets, syncSet } from './group-fixture.ts';

const ids = (count: number): ReplicaId[] =>
  Array.from({ length: count }, (_, index) => replicaId(`s${index}`));
const readAs = (members: readonly ReplicaId[], life = 1) =>
  members.map((id) => ({ replica: id, incarnation: processOf(id, life) }));

/** The meaning itself: every group of at least k members that may have acknowledged has somebody who was read. */
const meetsEveryAcknowledgement = (
  members: readonly ReplicaId[],
  k: number,
  read: readonly ReplicaId[],
): boolean =>
  subsets(members)
    .filter((acknowledging) => acknowledging.length >= k)
    .every((acknowledging) => acknowledging.some((id) => read.includes(id)));

test('covers is what brute force over every acknowledging set finds, for all sets up to five members', () => {
  let checked = 0;
  for (let n = 0; n <= 5; n += 1) {
    const members = ids(n);
    for (let k = 0; k <= n + 2; k += 1) {
      for (const read of subsets(members)) {
        const expected = meetsEveryAcknowledgement(members, k, read);
        assert.equal(
          covers(syncSet(members, k), readAs(read)),
          expected,
          `n=${n} k=${k} read=${read.join()}`,
        );
        checked += 1;
      }
    }
  }
  assert.equal(checked, 447, 'every configuration was tried');
});

test('allOf is any k with k = n, and proves nothing for a set without members', () => {
  const set = syncSet([A2, B1], 0, { rule: { kind: 'allOf' } });
  assert.equal(neededReads(set), 1);
  assert.equal(covers(set, readAs([B1])), true);
  assert.equal(covers(set, []), false);
  assert.equal(covers({ members: [], rule: { kind: 'allOf' } }, []), false);
});

test('a member counts only as the process that was committed, and only once', () => {
  const set = syncSet([A2, B1, B2], 2);
  assert.equal(covers(set, [...readAs([A2]), ...readAs([B1], 2)]), false);
  assert.equal(covers(set, readAs([A2, A2])), false);
  assert.deepEqual(countedMembers(set, readAs([A2, A2])), [memberOf(A2)]);
});

test('several rules in force are satisfied only together', () => {
  const members = ids(4);
  const rule = fc.record({ chosen: fc.subarray(members), k: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 4 }), fc.subarray(members), (rules, read) => {
      const sets = rules.map(({ chosen, k }) => syncSet(chosen, k));
      const expected = rules.every(({ chosen, k }) => meetsEveryAcknowledgement(chosen, k, read));
      assert.equal(coversAll(sets, readAs(read)), expected);
    }),
  );
});

test('only a rule that asks for nobody by policy promises nothing', () => {
  assert.equal(promisesNothing(syncSet([A2], 0)), true);
  assert.equal(promisesNothing(syncSet([A2], 0, { degraded: true })), false);
  assert.equal(promisesNothing(syncSet([], 0, { author: 'master', rule: { kind: 'allOf' } })), false);
  assert.equal(promisesNothing(syncSet([A2], 1)), false);
});
