import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRow } from '../../../src/core/drills/drill-plan.ts';
import { accepted, refused } from '../../../src/core/primitives/refusal.ts';
import { B1, group, M, SITE_A, SITE_B } from '../failover/group-fixture.ts';

test('a line says where the master goes, or why it stays', () => {
  const [from, , to] = group().replicas;
  assert.ok(from !== undefined && to !== undefined);
  const outlook = { state: 'met', waitCount: 1, detail: 'met' } as const;
  const target = { from, to, lagBytes: 3n, why: 'so', after: outlook, withoutOldIdc: outlook };
  assert.deepEqual(planRow(group(), accepted(target), null), {
    group: group().key,
    from: { replica: M, site: SITE_A },
    move: {
      to: { replica: B1, site: SITE_B },
      lagBytes: 3n,
      why: 'so',
      after: outlook,
      withoutOldIdc: outlook,
    },
    problem: null,
    waitsFor: null,
  });
  const stuck = planRow(group(), refused('unprovable', 'nobody'), 'b1 has not caught up');
  assert.deepEqual([stuck.move, stuck.problem], [null, { code: 'unprovable', message: 'nobody' }]);
  assert.equal(stuck.waitsFor, 'b1 has not caught up');
});
