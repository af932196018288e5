import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type PlacedReplica,
  publishedWaitCount,
  ruleFor,
  waitCountForAnyMaster,
} from '../../../src/core/failover/write-rule.ts';
import type { WritePolicy } from '../../../src/core/metadata/state.ts';
import type { OnShortage } from '../../../src/core/metadata/state-parts.ts';
import { replicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, group, SITE_A, SITE_B, subsets, syncSet } from './group-fixture.ts';

const inA = (id: typeof A2): PlacedReplica => ({ replica: id, site: SITE_A });
const inB = (id: typeof A2): PlacedReplica => ({ replica: id, site: SITE_B });
const full = [inA(A2), inB(B1), inB(B2)];
const rule = (
  policy: WritePolicy,
  members: PlacedReplica[],
  onShortage: OnShortage = 'block',
  declaredSlaves = 3,
) => {
  const made = ruleFor({ policy, onShortage, masterSite: SITE_A, declaredSlaves, members });
  assert.equal(made.rule.kind, 'anyOf');
  return { k: made.rule.kind === 'anyOf' ? made.rule.k : -1, degraded: made.degraded, short: made.short };
};
const met = (k: number) => ({ k, degraded: false, short: false });

test('k of every policy with all declared slaves present', () => {
  assert.deepEqual(rule('async', full), met(0));
  assert.deepEqual(rule('any-one', full), met(1));
  assert.deepEqual(rule('majority', full), met(2));
  assert.deepEqual(rule('majority', [inA(A2), inB(B1)], 'block', 2), met(1));
  assert.deepEqual(rule('cross-idc', full), met(2));
  assert.deepEqual(rule('cross-idc', [inB(B1)], 'block', 1), met(1));
  assert.deepEqual(rule('all', full), met(3));
});

test('members that are gone do not weaken majority and all, but cross-idc counts who is there', () => {
  assert.deepEqual(rule('majority', [inA(A2)]), { k: 2, degraded: false, short: true });
  assert.deepEqual(rule('all', [inA(A2), inB(B1)]), { k: 3, degraded: false, short: true });
  assert.deepEqual(rule('cross-idc', [inB(B1)]), met(1));
  assert.deepEqual(rule('cross-idc', [inA(A2)]), { k: 2, degraded: false, short: true });
});

test('degrade steps down to all members that are left and says so', () => {
  assert.deepEqual(rule('majority', [inA(A2)], 'degrade'), { k: 1, degraded: true, short: true });
  assert.deepEqual(rule('all', [inA(A2), inB(B1)], 'degrade'), { k: 2, degraded: true, short: true });
  assert.deepEqual(rule('cross-idc', [inA(A2)], 'degrade'), { k: 1, degraded: true, short: true });
  assert.deepEqual(rule('any-one', [], 'degrade'), { k: 0, degraded: true, short: true });
  assert.deepEqual(rule('async', [], 'degrade'), met(0));
});

test('in a shortage block leaves no way to acknowledge', () => {
  const policies: WritePolicy[] = ['any-one', 'majority', 'cross-idc', 'all'];
  for (const policy of policies) {
    for (const members of subsets(full)) {
      const made = rule(policy, members);
      assert.equal(made.short, made.k > members.length, `${policy} with ${members.length}`);
    }
  }
});

test('cross-idc: whichever k members acknowledge, one stands in another IDC', () => {
  const sites = fc.array(fc.constantFrom(SITE_A, SITE_B), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sites, (placed) => {
      const members = placed.map((site, index) => ({ replica: replicaId(`s${index}`), site }));
      const { k, short } = rule('cross-idc', members, 'block', members.length);
      assert.equal(short, !placed.includes(SITE_B));
      for (const acknowledging of subsets(members).filter((subset) => subset.length >= k)) {
        assert.ok(acknowledging.some((member) => member.site === SITE_B));
      }
    }),
  );
});

/** What a policy means, said of the members that acknowledge. */
const isKept = (policy: WritePolicy, acknowledging: readonly PlacedReplica[], declared: number): boolean => {
  switch (policy) {
    case 'async':
      return true;
    case 'any-one':
      return acknowledging.length >= 1;
    case 'majority':
      return 2 * (acknowledging.length + 1) > declared + 1;
    case 'cross-idc':
      return acknowledging.some(({ site }) => site === SITE_B);
    case 'all':
      return acknowledging.length >= Math.max(1, declared);
  }
};

test('up to five slaves, every layout over two sites, every policy: whoever acknowledges, the policy is kept', () => {
  const policies: WritePolicy[] = ['async', 'any-one', 'majority', 'cross-idc', 'all'];
  let checked = 0;
  for (let declared = 0; declared <= 5; declared += 1) {
    for (let layout = 0; layout < 2 ** declared; layout += 1) {
      const slaves = Array.from({ length: declared }, (_, index) => ({
        replica: replicaId(`s${index}`),
        site: (layout >> index) % 2 === 0 ? SITE_A : SITE_B,
      }));
      for (const members of subsets(slaves)) {
        const sets = subsets(members);
        for (const policy of policies) {
          const { k, short } = rule(policy, members, 'block', declared);
          const kept = sets.filter((one) => one.length >= k).every((one) => isKept(policy, one, declared));
          assert.ok(kept, `${policy} k=${k} of ${members.length} of ${declared}`);
          const degraded = rule(policy, members, 'degrade', declared);
          assert.deepEqual([degraded.degraded, degraded.short], [short, short]);
          assert.equal(degraded.k, Math.min(k, members.length), 'a step down is to all that are left');
          checked += 1;
        }
      }
    }
  }
  assert.equal(checked, 5 * [0, 1, 2, 3, 4, 5].reduce((sum, count) => sum + 4 ** count, 0));
});

test('the published WAIT count is enough under any master', () => {
  const { replicas } = group();
  const twoAndOne = replicas.slice(0, 3);
  assert.equal(waitCountForAnyMaster({ policy: 'cross-idc', replicas }), 2);
  assert.equal(
    waitCountForAnyMaster({ policy: 'cross-idc', replicas: twoAndOne }),
    2,
    'a master in idc-a needs 2, the one in idc-b needs 1',
  );
  assert.equal(waitCountForAnyMaster({ policy: 'async', replicas }), 0);
  assert.equal(waitCountForAnyMaster({ policy: 'any-one', replicas }), 1);
  assert.equal(waitCountForAnyMaster({ policy: 'majority', replicas }), 2);
  assert.equal(waitCountForAnyMaster({ policy: 'all', replicas }), 3);
});

test('a policy that asks for less, or for anything after nothing, is published once its rule is committed', () => {
  const strict = group({ policy: 'any-one', syncSets: [syncSet([A2, B1, B2], 2)] });
  assert.equal(publishedWaitCount(strict), 2);
  const changed = { ...strict, syncSets: [...strict.syncSets, syncSet([A2, B1, B2], 1)] };
  assert.equal(publishedWaitCount(changed), 1);
  assert.equal(publishedWaitCount({ ...changed, policy: 'all' }), 3);
  assert.equal(publishedWaitCount({ ...strict, syncSets: [] }), 1);
  const nothing = { ...strict, syncSets: [syncSet([A2, B1, B2], 0)] };
  assert.equal(publishedWaitCount(nothing), 0);
  const degraded = { ...strict, syncSets: [syncSet([], 0, { degraded: true })] };
  assert.equal(publishedWaitCount(degraded), 1);
});
