/**
 * Lives of one group under random faults, judged by the model's own books: whatever happened, a promotion that the
 * rules call proven leaves no acknowledged write behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { M } from '../core/failover/group-fixture.ts';
import { SERVERS } from './model-servers.ts';
import { ModelTier } from './model-tier.ts';

const POLICIES = [
  { policy: 'any-one', k: 1 },
  { policy: 'majority', k: 2 },
  { policy: 'cross-idc', k: 2 },
  { policy: 'all', k: 3 },
] as const;
const EVENTS_PER_LIFE = 160;
const ROUNDS_PER_LIFE = 7;

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

function liveAll(life: typeof live, numRuns: number): Record<string, number> {
  const total: Record<string, number> = {};
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      life(seed, (tier) => {
        for (const [name, count] of Object.entries(tier.counts)) total[name] = (total[name] ?? 0) + count;
      });
    }),
    { numRuns },
  );
  return total;
}

/** Lives in which nothing happens prove nothing. */
function demandMany(total: Record<string, number>, names: readonly string[]): void {
  for (const name of names) assert.ok((total[name] ?? 0) > 100, `${name}: ${total[name]}`);
}

/**
 * One promotion after the other is given up: somebody reads some of the servers, chooses, and the candidate that may or
 * may not become a master goes on with whoever follows it, while those that were not reached go on as before.
 */
function liveOfFailures(seed: number, onLife: (tier: ModelTier) => void): void {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[random.integer(0, items.length)] as Item;
  const { policy, k } = pick(POLICIES);
  const tier = new ModelTier({ policy, onShortage: pick(['block', 'degrade'] as const) }, k);
  const { servers } = tier;
  const traffic = (): void => {
    for (let turn = random.integer(0, 5); turn > 0; turn -= 1) {
      if (random.next() < 0.6) servers.writeAnywhere();
      for (const id of SERVERS) if (random.next() < 0.4) servers.replicate(id, random.integer(1, 4));
      if (random.next() < 0.6) servers.acknowledgeEverywhere();
    }
  };
  traffic();
  if (random.next() < 0.7) servers.kill(M);
  for (let round = 0; round < ROUNDS_PER_LIFE; round += 1) {
    for (const id of SERVERS) servers.setReachable(id, random.next() < 0.6);
    if (random.next() < 0.1) servers.kill(pick(SERVERS));
    if (random.next() < 0.1) servers.restart(pick(SERVERS));
    tier.fence(round === 0 ? 'masterLost' : 'promotionFailed');
    for (const id of SERVERS) tier.collect(id, false);
    traffic();
    for (const id of SERVERS) servers.setReachable(id, random.next() < 0.8);
    for (const id of SERVERS) tier.collect(id, true);
    if (random.next() < 0.8) tier.promote();
    for (const id of SERVERS) if (random.next() < 0.4) tier.attachEarly(id);
    traffic();
    assert.deepEqual(tier.lost, [], `round ${round}`);
    if (tier.group.phase.kind === 'promoting') tier.counts.failed += 1;
  }
  onLife(tier);
}

test('no promotion that was proven loses an acknowledged write', () => {
  const total = liveAll(live, 1_500);
  demandMany(total, [
    'proven',
    'withAcknowledged',
    'failed',
    'reinstated',
    'unprovable',
    'settled',
    'joined',
  ]);
});

test('nor does one that was proven over promotions that were given up', () => {
  const total = liveAll(liveOfFailures, 4_000);
  demandMany(total, ['proven', 'withAcknowledged', 'failed', 'onBranch', 'overSeveral']);
});

test('lives of promotions given up that lost an acknowledged write once', () => {
  for (const seed of [501_106_303, 1_582_485_925]) liveOfFailures(seed, () => undefined);
});
