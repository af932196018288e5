import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { adoptedGroup, type GroupTier } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

/** As `FAILOVER TO` leaves it where the target lets nobody in. */
function renamed(tier: GroupTier, name: string): void {
  const master = tier.servers.of(M);
  master.second = { lineage: master.lineage, offset: master.offset + 1n };
  master.lineage = lineage(name);
  for (const id of [A2, B1])
    Object.assign(tier.servers.of(id), { second: master.second, lineage: master.lineage });
}

test('a master that goes on under another replication id keeps its reign, and its slaves prove what they hold', () => {
  const tier = adoptedGroup();
  renamed(tier, 'renamed');
  tier.servers.write();
  tier.until(() => tier.group.reigns.length === 2, 'the lineage is noted', 2_000);
  assert.deepEqual(
    tier.group.reigns.map((reign) => [reign.epoch, reign.lineage]),
    [
      [1, tier.group.reigns[0]?.lineage],
      [1, 'renamed'],
    ],
  );
  assert.equal(tier.phase(), 'active 1');
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  assert.deepEqual(tier.alerts.includes('unprovable'), false);
});

test('one that had a lineage in between that nobody knows is not followed there', () => {
  const tier = adoptedGroup();
  renamed(tier, 'unseen');
  renamed(tier, 'seen');
  tier.tier.run(2_000);
  assert.equal(tier.group.reigns.length, 1);
  assert.equal(tier.phase(), 'active 1');
});
