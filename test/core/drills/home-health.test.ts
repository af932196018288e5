import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HomeView, whyNotWell } from '../../../src/core/drills/home-health.ts';
import { A2, B1, B2, fencing, group, M, memberOf, SITE_A, syncSet } from '../failover/group-fixture.ts';

/** b1 reigns; m and a2 are at home. */
const reigning = {
  master: B1,
  syncSets: [syncSet([M, A2, B2], 2)],
} as const;

const why = (change: Partial<HomeView> = {}): string | null =>
  whyNotWell({
    group: group(reigning),
    idc: SITE_A,
    isLinked: () => true,
    vantages: () => 2,
    voters: 3,
    ...change,
  });

test('all at home are members that follow and are reached by a majority', () => {
  assert.equal(why(), null);
});

test('each thing that is not well is named', () => {
  assert.equal(why({ group: group({ ...reigning, phase: fencing() }) }), 'main/orders is fencing');
  const degraded = group({ ...reigning, syncSets: [syncSet([M, A2, B2], 2, { degraded: true })] });
  assert.match(why({ group: degraded }) ?? '', /degraded/);
  const lagging = syncSet([], 2, { members: [memberOf(M), memberOf(A2), memberOf(B2, false)] });
  assert.equal(why({ group: group({ ...reigning, syncSets: [lagging] }) }), 'b2 has not caught up');
  assert.equal(
    why({ group: group({ ...reigning, syncSets: [syncSet([M, B2], 2)] }) }),
    'a2 is not in the sync set',
  );
  assert.equal(why({ isLinked: (id) => id !== A2 }), 'a2 does not follow the master');
  assert.equal(why({ vantages: (id) => (id === M ? 1 : 3) }), 'm is reached by 1 of 3 nodes');
});

test('servers of other IDCs need not be reached', () => {
  assert.equal(why({ vantages: (id) => (id === B2 ? 0 : 2), isLinked: (id) => id !== B2 }), null);
});
