import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../../../src/core/failover/acknowledging.ts';
import { planChange } from '../../../src/core/failover/sync-set-change.ts';
import { timeFenceOf } from '../../../src/core/failover/time-fence.ts';
import { changeInput, granted } from './change-fixture.ts';
import { A2, B1, B2, processOf, subsets, syncSet } from './group-fixture.ts';

const MEMBERS = [A2, B1, B2];

test('wherever another server may be promoted, too few members are left for the old master to go on', () => {
  for (const members of subsets(MEMBERS)) {
    for (let k = 1; k <= members.length; k += 1) {
      const set = syncSet(members, k);
      const fence = timeFenceOf({ timeFenceSeconds: 3 }, set);
      assert.ok(fence);
      const left = subsets(members)
        .filter((read) =>
          covers(
            set,
            read.map((id) => ({ replica: id, incarnation: processOf(id) })),
          ),
        )
        .map((read) => members.length - read.length);
      assert.ok(left.every((count) => count < fence.minimumSlaves));
      // With one less it would go on beside its successor.
      assert.ok(left.some((count) => count >= fence.minimumSlaves - 1));
    }
  }
});

test('a rule that asks for more than there are stops the master at once, one that asks for nobody never', () => {
  assert.equal(timeFenceOf({ timeFenceSeconds: 3 }, syncSet([A2], 2))?.minimumSlaves, 2);
  assert.equal(timeFenceOf({ timeFenceSeconds: 3 }, syncSet(MEMBERS, 0)), null);
  assert.equal(timeFenceOf({ timeFenceSeconds: 0 }, syncSet(MEMBERS, 2)), null);
  const all = syncSet([A2, B1], 0, { rule: { kind: 'allOf' } });
  assert.deepEqual(timeFenceOf({ timeFenceSeconds: 7 }, all), { minimumSlaves: 2, maximumLagSeconds: 7 });
});

test('a fence that is changed reaches the master by a grant of the same version', () => {
  const step = planChange(changeInput({ timeFenceSeconds: 5 }, [], granted(1, MEMBERS)));
  assert.deepEqual(step, {
    kind: 'grant',
    version: 1,
    inbound: MEMBERS,
    timeFence: { minimumSlaves: 2, maximumLagSeconds: 5 },
    detail: 'version 1',
  });
  assert.equal(planChange(changeInput({}, [], granted(1, MEMBERS))).kind, 'none');
});
