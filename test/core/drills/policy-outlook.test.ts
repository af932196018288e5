import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyOutlook } from '../../../src/core/drills/policy-outlook.ts';
import type { BrokerGroup, Replica } from '../../../src/core/metadata/state.ts';
import type { ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, group, M } from '../failover/group-fixture.ts';

const places = group().replicas;
const placed = (id: ReplicaId): Replica => places.find((one) => one.id === id) ?? assert.fail(id);
const outlook = (master: ReplicaId, members: readonly ReplicaId[], change: Partial<BrokerGroup> = {}) =>
  policyOutlook(group(change), placed(master), members.map(placed));

test('a policy that can be met says with how many acknowledgements', () => {
  assert.deepEqual(outlook(B1, [M, A2, B2]), {
    state: 'met',
    waitCount: 2,
    detail: 'cross-idc is met: 2 of m, a2, b2 acknowledge',
  });
});

test('a shortage blocks or degrades, as the group wants it', () => {
  const blocked = outlook(B1, [B2]);
  assert.deepEqual([blocked.state, blocked.waitCount], ['blocked', null]);
  assert.match(blocked.detail, /nothing is acknowledged until members return/);
  const degraded = outlook(B1, [B2], { onShortage: 'degrade' });
  assert.deepEqual([degraded.state, degraded.waitCount], ['degraded', 1]);
});
