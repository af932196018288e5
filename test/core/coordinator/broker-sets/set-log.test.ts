import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTER, NAME } from './broker-signs.ts';
import { BrokerTier, IDC_A, IDC_B } from './broker-tier.ts';

/** Events about what was committed, and the fields of each, with the node that logged them. */
function observed() {
  const world = new BrokerTier([IDC_A, IDC_A, IDC_B]);
  const told: { node: string; event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const before = world.tier.onEffect;
  world.tier.onEffect = (node, effect) => {
    before(node, effect);
    if (effect.kind === 'log') told.push({ node, event: effect.event, fields: effect.fields });
  };
  world.begin();
  return { world, of: (event: string) => told.filter((one) => one.event === event) };
}

test('what was committed is logged once, by the node that leads, with what is counted from it', () => {
  const { world, of } = observed();
  assert.deepEqual(
    of('brokerSet.brokerKnown').map(({ fields }) => fields['broker']),
    [1, 2, 3],
  );
  world.kill(1);
  world.until(() => world.set.master !== 1 && world.set.master !== null, 'elected', 5_000);
  world.until(() => world.reigning.role === 'master', 'promoted', 5_000);
  world.run(1_000);
  const { masterEpoch } = world.set;
  const elections = of('brokerSet.elected');
  assert.deepEqual(
    elections.map(({ node, fields }) => [node, fields['reason'], fields['masterEpoch']]),
    [
      [world.leader, 'firstMaster', 1],
      [world.leader, 'masterLost', masterEpoch],
    ],
  );
  const record = world.state.brokerSetHistory.at(-1);
  assert.equal(elections.at(-1)?.fields['recordId'], record?.id);
  const roles = of('brokerSet.roleTold').filter(({ fields }) => fields['masterEpoch'] === masterEpoch);
  const masters = roles.filter(({ fields }) => fields['role'] === 'master');
  assert.deepEqual(
    masters.map(({ fields }) => fields['broker']),
    [record?.to],
  );
  assert.ok(of('brokerSet.inSync').length > 0);
  world.kill(2);
  world.kill(3);
  world.until(() => world.set.master === null, 'lost', 10_000);
  assert.deepEqual(
    of('brokerSet.masterless').map(({ fields }) => fields['recordId']),
    [world.state.brokerSetHistory.at(-1)?.id],
  );
});

test('a refused change of the sync state set says why, before and at its commit', () => {
  const { world, of } = observed();
  const { masterEpoch, syncStateSetEpoch } = world.set;
  const ask = (syncStateSet: readonly number[], epoch: number) => {
    const by = { masterBrokerId: 1, masterEpoch, syncStateSet, syncStateSetEpoch: epoch };
    const request = { kind: 'alterSyncStateSet', cluster: CLUSTER, name: NAME, ...by } as const;
    return world.tier.ask(world.leader, { type: 'brokerSet', request });
  };
  const before = of('brokerSet.alterRefused').length;
  assert.ok(!ask([1, 2], syncStateSetEpoch + 5).ok);
  world.broker(3).state = 'silent';
  world.run(12_000);
  assert.ok(!ask([1, 2, 3], world.set.syncStateSetEpoch).ok);
  const codes = of('brokerSet.alterRefused')
    .slice(before)
    .map(({ fields }) => fields['code']);
  assert.ok(codes.includes('fencedSyncStateSetEpoch'), codes.join());
  assert.ok(codes.includes('brokerNotAlive'), codes.join());
});
