/**
 * Lives of one set of brokers under faults drawn from a seed: brokers that die, hang and come back, lines that break in
 * one direction or both, an IDC that is cut off, leaders that crash or hand over in the middle of anything, lost messages,
 * operators that move masters, brokers that come back with epochs that nobody here has given.
 * Then all is healed, and the set has to come to rest with one master, with everything that was ever acknowledged.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../../src/core/primitives/seeded-random.ts';
import { CLUSTER, NAME } from './broker-signs.ts';
import { BrokerTier, IDC_A, IDC_B, NODES } from './broker-tier.ts';

const LIVES = 24;
const FAULTS_MS = 40_000;

function live(seed: number): { readonly elections: number; readonly epoch: number } {
  const world = new BrokerTier([IDC_A, IDC_A, IDC_B], seed).begin();
  const random = seededRandom(seed);
  const pick = <Value>(from: readonly Value[]): Value => {
    const picked = from[random.integer(0, from.length)];
    assert.ok(picked !== undefined);
    return picked;
  };
  const faults: readonly (() => void)[] = [
    () => world.kill(pick(world.brokers).id),
    () => world.kill(world.set.master ?? 1),
    () => {
      pick(world.brokers).state = 'silent';
    },
    () => {
      world.broker(world.set.master ?? 1).state = 'silent';
    },
    () => world.cutSite(pick([IDC_A, IDC_B])),
    () => {
      pick(world.brokers).unreachableFrom.add(pick(NODES));
    },
    () => world.hangUp(pick(world.brokers).id, [pick(NODES)]),
    () => {
      const node = world.tier.leader();
      if (node === null) return;
      world.tier.crash(node);
      world.run(random.integer(100, 3_000));
      world.tier.start(node);
    },
    () => {
      const node = world.tier.leader();
      if (node !== null) world.tier.input(node, { kind: 'handOver' });
    },
    () => {
      world.loss = 0.2;
    },
    () => move(world, pick(world.brokers).id),
    () => {
      // It has been somewhere that this tier does not know of.
      const broker = pick(world.brokers);
      broker.epochs = [...broker.epochs, Math.max(broker.masterEpoch, world.set.masterEpoch) + 2];
    },
    () => mend(world),
    () => mend(world),
  ];
  const end = world.tier.now.monotonicMs + FAULTS_MS;
  while (world.tier.now.monotonicMs < end) {
    pick(faults)();
    world.run(random.integer(50, 6_000));
  }
  mend(world);
  world.until(() => world.tier.leader() !== null && world.isWhole(), `at rest (seed ${seed})`, 90_000);
  assert.equal(world.masters().length, 1, `one master (seed ${seed})`);
  world.judge();
  return { elections: world.state.brokerSetHistory.length, epoch: world.set.masterEpoch };
}

/** An operator wants this one, whatever comes of it. */
function move(world: BrokerTier, brokerId: number): void {
  const node = world.tier.leader();
  if (node === null) return;
  const name = { cluster: CLUSTER, name: NAME, brokerId };
  const request = { kind: 'electMaster', ...name, designated: true, unsafe: false, by: 'eve' } as const;
  world.tier.request(node, { type: 'brokerSet', request });
}

function mend(world: BrokerTier): void {
  world.heal();
  for (const broker of world.brokers) {
    if (broker.state === 'down') broker.restart();
    broker.state = 'up';
  }
}

test(`in ${LIVES} lives no message that was acknowledged is lost, and no epoch has two masters`, () => {
  let elections = 0;
  let highest = 0;
  for (let seed = 1; seed <= LIVES; seed += 1) {
    const came = live(seed);
    elections += came.elections;
    highest = Math.max(highest, came.epoch);
  }
  // Lives in which nothing happens prove nothing.
  assert.ok(elections >= LIVES * 2, `${elections} elections`);
  assert.ok(highest > 3, `epoch ${highest}`);
});
