import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('several rules in force are satisfied only together: every two rules over four servers', () => {
  const members = ids(4);
  const rules = subsets(members).flatMap((chosen) =>
    Array.from({ length: chosen.length + 2 }, (_, k) => ({ chosen, k, set: syncSet(chosen, k) })),
  );
  let checked = 0;
  for (const read of subsets(members)) {
    const judged = rules.map(({ chosen, k, set }) => ({
      set,
      met: meetsEveryAcknowledgement(chosen, k, read),
    }));
    const asRead = readAs(read);
    for (const one of judged) {
      for (const other of judged) {
        assert.equal(coversAll([one.set, other.set], asRead), one.met && other.met);
        checked += 1;
      }
    }
  }
  assert.equal(checked, 16 * rules.length ** 2);
});

test('only a rule that asks for nobody by policy promises nothing', () => {
  assert.equal(promisesNothing(syncSet([A2], 0)), true);
  assert.equal(promisesNothing(syncSet([A2], 0, { degraded: true })), false);
  assert.equal(promisesNothing(syncSet([], 0, { author: 'master', rule: { kind: 'allOf' } })), false);
  assert.equal(promisesNothing(syncSet([A2], 1)), false);
});
