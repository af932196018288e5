/**
 * Lives of one group under random faults, judged by the model's own books: whatever happened, a promotion that the
 * rules call proven leaves no acknowledged write behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { SERVERS } from './model-servers.ts';
import { ModelTier } from './model-tier.ts';

const POLICIES = [
  { policy: 'any-one', k: 1 },
  { policy: 'majority', k: 2 },
  { policy: 'cross-idc', k: 2 },
  { policy: 'all', k: 3 },
] as const;
const EVENTS_PER_LIFE = 160;

function live(seed: number, onLife: (tier: ModelTier) => void): void {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[random.integer(0, items.length)] as Item;
  const { policy, k } = pick(POLICIES);
  const tier = new ModelTier({ policy, onShortage: pick(['block', 'degrade'] as const) }, k);
  const calm = random.next();
  const traffic = [
    () => tier.servers.writeAnywhere(),
    () => tier.servers.replicate(pick(SERVERS), random.integer(1, 4)),
    () => tier.servers.replicate(pick(SERVERS), random.integer(1, 9)),
    () => tier.servers.acknowledgeEverywhere(),
  ];
  const control = [
    () => tier.maintain(random.next() < 0.5),
    () => tier.maintain(true),
    () => tier.collect(pick(SERVERS), random.next() < 0.5),
    () => tier.collect(pick(SERVERS), false),
    () => tier.promote(),
    () => tier.attachEarly(pick(SERVERS)),
    () => tier.activate(),
    () => tier.activate(),
    () => tier.raiseFloor(),
  ];
  const faults = [
    () => tier.servers.kill(pick(SERVERS)),
    () => tier.servers.restart(pick(SERVERS)),
    () => tier.servers.setReachable(pick(SERVERS), false),
    () => tier.servers.setReachable(pick(SERVERS), true),
    () => tier.servers.setReachable(pick(SERVERS), true),
    () => tier.servers.setCutOff(pick(SERVERS), true),
    () => tier.servers.setCutOff(pick(SERVERS), false),
    () => tier.servers.setCutOff(pick(SERVERS), false),
    () => tier.fence(pick(['masterLost', 'masterLost', 'switchover', 'operatorFailover'] as const)),
    () => tier.failPromotion(),
    () => tier.setPolicy(pick(POLICIES).policy),
  ];
  for (let event = 0; event < EVENTS_PER_LIFE; event += 1) {
    const kind = random.next();
    if (kind < 0.08 + 0.1 * calm) pick(faults)();
    else if (kind < 0.5) pick(control)();
    else pick(traffic)();
    assert.deepEqual(tier.lost, [], `event ${event}`);
  }
  onLife(tier);
}

test('no promotion that was proven loses an acknowledged write', () => {
  const total: Record<string, number> = {};
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      live(seed, (tier) => {
        for (const [name, count] of Object.entries(tier.counts)) total[name] = (total[name] ?? 0) + count;
      });
    }),
    { numRuns: 1_500 },
  );
  // Lives in which nothing happens prove nothing.
  for (const name of [
    'proven',
    'withAcknowledged',
    'failed',
    'reinstated',
    'unprovable',
    'settled',
    'joined',
  ]) {
    assert.ok((total[name] ?? 0) > 100, `${name}: ${total[name]}`);
  }
});
