import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { SetContext } from '../../../../src/core/coordinator/broker-sets/set-context.ts';
import { brokerSetRequest } from '../../../../src/core/coordinator/broker-sets/set-requests.ts';
import type { ClientReply } from '../../../../src/core/coordinator/requests.ts';
import { createMetadata } from '../../../../src/core/metadata/apply.ts';
import { leadingContext } from '../leading-context.ts';
import { at, CLUSTER, NAME } from './broker-signs.ts';
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

test('what a master asked for before it was found dead takes nobody away who may follow it', () => {
  const world = running();
  for (const id of [2, 3]) world.broker(id).state = 'silent';
  world.kill(1);
  world.until(() => world.logged.some((line) => line.endsWith('brokerSet.searching')), 'searching', 2_000);
  assert.equal(world.set.master, 1);
  assert.equal(codeOf(alter(world, [1])), 'brokerNotAlive');
  for (const id of [2, 3]) world.broker(id).state = 'up';
  world.until(() => world.set.masterEpoch === 2 && world.set.master !== null, 'elected', 5_000);
  world.judge();
});

test('a leader without a lease answers nobody: another node may have elected somebody else', () => {
  const context = leadingContext(() => createMetadata());
  const book = new BrokerBook();
  const asks = new BrokerAsks(context);
  const sets = new SetContext({ context, book, vantages: new BrokerVantages(), asks });
  const asked = (nowMs: number): string => {
    const asker = { kind: 'local', requestId: 1 } as const;
    const name = { cluster: CLUSTER, name: NAME, brokerId: 1 };
    const request = { kind: 'electMaster', ...name, designated: false, unsafe: false, by: 'eve' } as const;
    brokerSetRequest(sets, asker, request, at(nowMs), () => assert.fail('nothing is judged'));
    const [effect] = context.takeEffects();
    return effect?.kind === 'reply' ? codeOf(effect.reply) : 'nothing';
  };
  context.leadership = { ...context.leadership, leaseUntilMs: 100 };
  assert.equal(asked(99), 'unknownBrokerSet');
  assert.equal(asked(100), 'noLeader');
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
