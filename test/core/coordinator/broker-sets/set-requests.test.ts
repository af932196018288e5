import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientReply } from '../../../../src/core/coordinator/requests.ts';
import { CLUSTER, NAME } from './broker-signs.ts';
import { BrokerTier, IDC_A, IDC_B } from './broker-tier.ts';

const running = (): BrokerTier => new BrokerTier([IDC_A, IDC_A, IDC_B]).begin();

const elect = (
  world: BrokerTier,
  brokerId: number | null,
  more: { designated?: boolean; unsafe?: boolean; node?: BrokerTier['leader'] } = {},
): ClientReply => {
  const { designated = false, unsafe = false } = more;
  const request = {
    kind: 'electMaster',
    cluster: CLUSTER,
    name: NAME,
    brokerId,
    designated,
    unsafe,
    by: 'eve',
  } as const;
  return world.tier.ask(more.node ?? world.leader, { type: 'brokerSet', request });
};
const alter = (world: BrokerTier, syncStateSet: readonly number[]): ClientReply => {
  const { masterEpoch, syncStateSetEpoch, master } = world.set;
  const state = { masterBrokerId: master ?? 0, masterEpoch, syncStateSet, syncStateSetEpoch };
  const request = { kind: 'alterSyncStateSet', cluster: CLUSTER, name: NAME, ...state } as const;
  return world.tier.ask(world.leader, { type: 'brokerSet', request });
};
const codeOf = (reply: ClientReply): string => (reply.ok ? reply.value.kind : reply.refusal.code);
const changed = (reply: ClientReply): boolean | null =>
  reply.ok && reply.value.kind === 'applied' ? reply.value.changed : null;

test('a broker that asks while a master reigns is told of it, and nothing changes', () => {
  const world = running();
  assert.equal(changed(elect(world, 2)), false);
  assert.equal(changed(elect(world, 1)), false);
  assert.equal(changed(elect(world, 1, { designated: true })), false);
  assert.equal(changed(elect(world, null)), false);
  assert.equal(world.set.masterEpoch, 1);
  assert.equal(codeOf(elect(world, 9)), 'invalidReplicas');
});

test('an operator’s election moves the master, is seen on the node that was asked, and loses nothing', () => {
  const world = running();
  const node = world.tier.follower();
  const ticket = world.tier.request(node, {
    type: 'brokerSet',
    request: {
      kind: 'electMaster',
      cluster: CLUSTER,
      name: NAME,
      brokerId: 3,
      designated: true,
      unsafe: false,
      by: 'eve',
    },
  });
  let seen: number | null | undefined;
  world.tier.runUntil(() => {
    if (world.tier.reply(ticket) === null) return false;
    seen = world.tier.loop(node).state().brokerSets.get(NAME)?.master;
    return true;
  });
  assert.deepEqual([world.tier.reply(ticket)?.ok, seen], [true, 3]);
  world.until(() => world.isWhole(), 'whole', 20_000);
  assert.equal(world.broker(1).role, 'slave');
  const record = world.state.brokerSetHistory.findLast(({ to }) => to === 3);
  assert.deepEqual([record?.reason, record?.by], ['operator', 'eve']);
  assert.ok(record?.steps.some(({ detail }) => detail === 'broker 1 has acknowledged its role'));
  world.judge();
});

test('an operator’s election is refused where it could lose something, unless the loss is accepted', () => {
  const world = running();
  world.broker(2).state = 'silent';
  assert.equal(codeOf(elect(world, 2, { designated: true })), 'brokerUnreachable');
  world.until(() => !world.set.syncStateSet.includes(2), 'dropped');
  assert.equal(codeOf(elect(world, 2, { designated: true })), 'notInSyncStateSet');
  world.broker(2).state = 'up';
  world.broker(2).role = 'fenced';
  assert.equal(codeOf(elect(world, 2, { designated: true })), 'notInSyncStateSet');
  assert.equal(changed(elect(world, 2, { designated: true, unsafe: true })), true);
  assert.equal(world.set.master, 2);
  assert.equal(world.state.brokerSetHistory.at(-1)?.unsafe, true);
});

test('a sync state set with a member that no node hears is refused', () => {
  const world = running();
  world.broker(3).state = 'silent';
  world.run(12_000);
  assert.deepEqual(world.set.syncStateSet, [1, 2]);
  assert.equal(codeOf(alter(world, [1, 2, 3])), 'brokerNotAlive');
  world.broker(3).state = 'up';
  world.run(1_500);
  world.until(() => world.set.syncStateSet.includes(3), 'back', 10_000);
});

test('a report that was overtaken by another one takes no living member out again', () => {
  const world = running();
  assert.equal(codeOf(alter(world, [1])), 'committed');
  // Both slaves have caught up at once: each is reported as an addition to the master alone.
  assert.equal(codeOf(alter(world, [1, 2])), 'committed');
  assert.equal(codeOf(alter(world, [1, 3])), 'fencedSyncStateSetEpoch');
  assert.deepEqual(world.set.syncStateSet, [1, 2]);
  assert.equal(codeOf(alter(world, [1, 2, 3])), 'committed');
  assert.equal(codeOf(alter(world, [1, 3])), 'committed');
});

test('a member that only a follower hears is alive', () => {
  const world = running();
  world.broker(3).state = 'silent';
  world.run(12_000);
  world.broker(3).unreachableFrom.add(world.leader);
  world.broker(3).state = 'up';
  world.until(() => world.set.syncStateSet.includes(3), 'back', 10_000);
});

test('an unknown set is refused', () => {
  const world = running();
  const request = {
    kind: 'electMaster',
    cluster: CLUSTER,
    name: NAME,
    brokerId: 1,
    designated: false,
    unsafe: false,
    by: 'eve',
  } as const;
  const other = { ...request, cluster: `${CLUSTER}2` as typeof CLUSTER };
  assert.equal(
    codeOf(world.tier.ask(world.leader, { type: 'brokerSet', request: other })),
    'unknownBrokerSet',
  );
});
