import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from '../../../../src/core/metadata/command.ts';
import { clusterName, MAX_EPOCH } from '../../../../src/core/primitives/identifiers.ts';
import { registration } from '../../metadata/broker-set-fixture.ts';
import { CLUSTER, NAME } from './broker-signs.ts';
import { BrokerTier, IDC_A, IDC_B, NODES } from './broker-tier.ts';

const SITES = [IDC_A, IDC_A, IDC_B] as const;
const propose = (world: BrokerTier, command: Command) =>
  world.tier.ask(world.leader, { type: 'propose', command });
const alerts = (world: BrokerTier): readonly string[] =>
  world.tier
    .loop(world.leader)
    .alerts()
    .map(({ code }) => code);

function register(
  { tier, leader }: BrokerTier,
  { id: brokerId, address, site }: BrokerTier['brokers'][number],
): void {
  const name = { cluster: CLUSTER, name: NAME, brokerId };
  const command = { type: 'brokerSet.registerBroker', ...name, address, site } as const;
  assert.ok(tier.ask(leader, { type: 'propose', command }).ok);
}

/** Brokers that ran before this tier knew of them: the first reigns in epoch 5, the third is behind. */
function taken(come: readonly number[] = [1, 2, 3]): BrokerTier {
  const world = new BrokerTier(SITES);
  for (const broker of world.brokers) {
    broker.role = broker.id === 1 ? 'master' : 'slave';
    broker.follows = 1;
    broker.masterEpoch = 5;
    broker.epochs = [3, 5];
    broker.log = Array.from({ length: broker.id === 3 ? 10 : 50 }, (_, index) => `5:old-${index}`);
    broker.syncStateSet = [1, 2];
    broker.syncStateSetEpoch = 41;
    if (come.includes(broker.id)) register(world, broker);
  }
  return world;
}

test('a set that is adopted keeps its running master, in an epoch above all that its brokers know', () => {
  const world = taken();
  world.run(8_000);
  assert.equal(world.set.master, null, 'others may still show themselves');
  world.until(() => world.set.master !== null, 'elected');
  assert.equal(world.set.master, 1);
  assert.ok(world.set.masterEpoch > 5);
  world.until(() => world.isWhole(), 'whole', 20_000);
  assert.equal(world.state.brokerSetHistory.at(0)?.reason, 'adoption');
  // What the broker goes on with is what is committed, or nobody could follow it.
  assert.deepEqual(world.broker(1).syncStateSet, world.set.syncStateSet);
  world.kill(1);
  world.until(() => world.set.master !== 1 && world.set.master !== null, 'followed', 3_000);
  world.judge();
});

test('while one of the brokers that are adopted does not answer, it might hold more: the set waits and says so', () => {
  const world = taken();
  world.kill(1);
  world.broker(1).role = 'fenced';
  world.run(20_000);
  assert.equal(world.set.master, null);
  assert.ok(alerts(world).includes('unprovable'), alerts(world).join());
  world.broker(1).restart();
  world.until(() => world.set.master !== null, 'elected', 15_000);
  assert.equal(world.set.master, 1);
  assert.ok(!alerts(world).includes('unprovable'));
});

test('whoever comes late starts the time anew in which the others may show themselves', () => {
  const world = taken([3]);
  world.broker(3).role = 'fenced';
  world.run(11_000);
  register(world, world.broker(1));
  world.run(11_000);
  assert.equal(world.set.master, null);
  register(world, world.broker(2));
  world.until(() => world.set.master !== null, 'elected', 15_000);
  assert.equal(world.set.master, 1);
});

test('where nobody reigns, one whose id shows that there are others waits for them', () => {
  const world = taken([3]);
  for (const broker of world.brokers) broker.role = 'fenced';
  world.run(30_000);
  assert.equal(world.set.master, null);
  assert.ok(alerts(world).includes('unprovable'), alerts(world).join());
  for (const id of [1, 2]) register(world, world.broker(id));
  world.until(() => world.set.master !== null, 'elected', 15_000);
  assert.notEqual(world.set.master, 3, 'it holds least');
});

test('a broker that is ahead of the committed epoch is not contradicted: an election goes above it', () => {
  const world = new BrokerTier(SITES).begin();
  world.broker(2).epochs = [1, 7];
  world.broker(2).masterEpoch = 7;
  world.until(() => world.set.masterEpoch > 7, 'above', 12_000);
  world.until(() => world.isWhole(), 'whole', 20_000);
  assert.equal(world.state.brokerSetHistory.at(-1)?.reason, 'epochAhead');
  world.judge();
});

test('an epoch that cannot be is no epoch: nothing is decided by it, and nobody ends for it', () => {
  const world = new BrokerTier(SITES).begin();
  world.kill(1);
  world.broker(2).epochs = [MAX_EPOCH];
  world.broker(3).epochs = [1.5];
  world.run(12_000);
  assert.equal(world.set.master, null, 'neither of them proves what it holds');
  assert.equal(world.set.masterEpoch, 2);
  world.broker(2).epochs = [1];
  world.until(() => world.set.master === 2, 'elected', 12_000);
});

test('a set without a master takes over the epoch of a broker that is ahead', () => {
  const world = new BrokerTier(SITES).begin();
  for (const id of [2, 3]) world.broker(id).state = 'silent';
  world.until(() => world.set.syncStateSet.length === 1, 'alone');
  world.kill(1);
  world.until(() => world.set.master === null, 'without a master');
  world.broker(2).state = 'up';
  world.broker(2).epochs = [1, 9];
  world.until(() => world.set.masterEpoch === 9, 'raised', 10_000);
  assert.equal(world.set.master, null, 'it is not in the sync state set');
  world.broker(1).restart();
  world.until(() => world.set.master === 1 && world.set.masterEpoch > 9, 'elected', 10_000);
});

test('a master that would let its last remote member go is refused where the policy blocks, and that is said', () => {
  const world = new BrokerTier(SITES).begin();
  const rest = { detectionMs: null, by: 'eve', wallMs: 1 };
  const policy = { policy: 'cross-idc', onShortage: 'block', ...rest } as const;
  assert.ok(propose(world, { type: 'brokerSet.setPolicy', name: NAME, ...policy }).ok);
  world.broker(3).state = 'silent';
  world.until(() => alerts(world).includes('shortage'), 'said', 8_000);
  assert.deepEqual(world.set.syncStateSet, [1, 2, 3]);
  world.broker(3).state = 'up';
  world.until(() => !alerts(world).includes('shortage'), 'lowered', 40_000);
  world.judge();
});

test('a second cluster that claims the name is refused, and that is said', () => {
  const world = new BrokerTier(SITES).begin();
  const claim = registration(9, { cluster: clusterName('Other'), name: NAME });
  assert.equal(propose(world, claim).ok, false);
  world.run(100);
  assert.ok(alerts(world).includes('duplicateName'), alerts(world).join());
  world.run(95_000);
  assert.ok(!alerts(world).includes('duplicateName'));
});

test('a leader that hears no broker gives its place to a node that does', () => {
  const world = new BrokerTier(SITES).begin();
  const { leader } = world;
  for (const broker of world.brokers) broker.unreachableFrom.add(leader);
  world.until(() => world.tier.leader() !== null && world.leader !== leader, 'another leader', 8_000);
  world.kill(1);
  world.until(() => world.set.masterEpoch === 2, 'elected', 6_000);
  assert.ok(NODES.includes(world.leader));
  world.judge();
});
