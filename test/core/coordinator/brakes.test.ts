/** What keeps a confirmed death from being acted on: stops, IDCs that nobody is promoted in, and the cool-down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopScope } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { type ReplicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { adoptedGroup, type GroupTier, KEY } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const COOLDOWN_MS = 30_000;

const stop = (tier: GroupTier, scope: StopScope, untilWallMs: number | null = null) =>
  tier.ask({
    type: 'propose',
    command: {
      type: 'automatic.stop',
      stop: { scope, by: 'eve', reason: 'work', sinceWallMs: 0, untilWallMs },
    },
  });

const resume = (tier: GroupTier, scope: StopScope) =>
  tier.ask({
    type: 'propose',
    command: { type: 'automatic.resume', scope, by: 'eve', wallMs: 0 },
  });

const acknowledge = (tier: GroupTier) =>
  tier.ask({
    type: 'propose',
    command: { type: 'group.acknowledge', key: KEY, by: 'eve', note: 'seen', wallMs: 0 },
  });

const idc = (name: string): StopScope => ({ kind: 'idc', site: siteName(name) });

const master = (tier: GroupTier): ReplicaId => must(tier.group.master, 'it reigns');

/** Fails the group over by a silent master, which then comes back as a slave: epoch 2, everybody a member. */
function failedOver(cooldownMs = COOLDOWN_MS): GroupTier {
  const tier = adoptedGroup({ cooldownMs });
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
  tier.servers.of(M).state = 'up';
  tier.settled(
    2,
    [M, A2, B1].filter((id) => id !== master(tier)),
  );
  return tier;
}

test('a group that has just failed over is left alone when its master falls silent, until the time is over', () => {
  const tier = failedOver();
  const sinceMs = tier.tier.now.monotonicMs;
  tier.servers.of(master(tier)).state = 'hung';
  tier.until(() => tier.alerts.includes('coolingDown'), 'alert', 4_000);
  assert.match(
    tier.alert('coolingDown'),
    /pollux history show \S+.*pollux acknowledge orders --cluster main/,
  );
  assert.deepEqual(tier.notes.at(-1)?.outcome, 'coolingDown');
  tier.tier.run(10_000);
  assert.equal(tier.phase(), 'active 2');
  tier.until(() => tier.phase() === 'active 3', 'the next reign', COOLDOWN_MS);
  assert.ok(tier.tier.now.monotonicMs - sinceMs > COOLDOWN_MS - 5_000);
  tier.tier.run(500);
  assert.ok(!tier.alerts.includes('coolingDown'));
  assert.equal(tier.notes.at(-1)?.outcome, 'carriedOut');
});

test('an acknowledgement ends the cool-down at once', () => {
  const tier = failedOver();
  tier.servers.of(master(tier)).state = 'hung';
  tier.until(() => tier.alerts.includes('coolingDown'), 'alert', 4_000);
  assert.equal(acknowledge(tier).ok, true);
  tier.until(() => tier.phase() === 'active 3', 'the next reign', 4_000);
});

test('without a cool-down the next failover follows at once', () => {
  const tier = failedOver(0);
  tier.servers.of(master(tier)).state = 'hung';
  tier.until(() => tier.phase() === 'active 3', 'the next reign', 4_000);
  assert.deepEqual(tier.notes, []);
});

test('a cool-down that is shortened while it runs is over earlier', () => {
  const tier = failedOver();
  tier.servers.of(master(tier)).state = 'hung';
  tier.until(() => tier.alerts.includes('coolingDown'), 'alert', 4_000);
  const command = {
    type: 'group.set',
    key: KEY,
    policy: null,
    onShortage: null,
    timeFenceSeconds: null,
    detectionMs: null,
    cooldownMs: 1_000,
    by: 'eve',
    wallMs: 0,
  } as const;
  assert.equal(tier.ask({ type: 'propose', command }).ok, true);
  tier.until(() => tier.phase() === 'active 3', 'the next reign', 4_000);
});

for (const [how, strike] of [
  ['is killed', (tier: GroupTier, id: ReplicaId) => tier.servers.kill(id)],
  ['restarts', (tier: GroupTier, id: ReplicaId) => tier.servers.restart(id)],
] as const) {
  test(`a master whose process ends (${how}) is replaced, cool-down or not`, () => {
    const tier = failedOver();
    strike(tier, master(tier));
    tier.until(() => tier.phase() === 'active 3', 'the next reign', 4_000);
    assert.deepEqual(tier.notes, []);
  });
}

test('a master whose whole IDC is lost is replaced, cool-down or not', () => {
  const tier = adoptedGroup({ cooldownMs: COOLDOWN_MS, policy: 'cross-idc' });
  tier.servers.restart(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
  tier.settled(
    2,
    [M, A2, B1].filter((id) => id !== master(tier)),
  );
  assert.equal(master(tier), A2, 'it stands in idc-a, as the master before');
  tier.isolate('pollux-a' as GroupTier['leader']);
  for (const id of [M, A2]) tier.servers.of(id).state = 'hung';
  tier.until(() => tier.tier.leader() !== null && tier.phase() === 'active 3', 'the next reign', 8_000);
  assert.equal(master(tier), B1);
});

test('an IDC that is stopped is kept out of automatic promotion, and open to an operator', () => {
  const tier = adoptedGroup();
  assert.equal(stop(tier, idc('idc-b')).ok, true);
  tier.servers.of(A2).lags = true;
  tier.servers.write();
  tier.tier.run(500);
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('automaticStopped'), 'alert', 4_000);
  assert.match(tier.alert('automaticStopped'), /\(b1\) stands where .* eve \(work\).*--idc idc-b --resume/);
  tier.tier.run(3_000);
  assert.equal(tier.phase(), 'active 1');
  assert.equal(tier.notes.at(-1)?.outcome, 'automaticStopped');
  assert.equal(resume(tier, idc('idc-b')).ok, true);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
  assert.equal(master(tier), B1);
});

test('between equals, automatic promotion goes where it is not stopped', () => {
  const tier = adoptedGroup();
  tier.ask({ type: 'failover', group: KEY, to: B1, unsafe: false, by: 'eve' });
  tier.settled(2, [M, A2]);
  assert.equal(stop(tier, idc('idc-a')).ok, true);
  assert.equal(tier.ask({ type: 'failover', group: KEY, to: A2, unsafe: false, by: 'eve' }).ok, true);
  tier.settled(3, [M, B1]);
  assert.equal(master(tier), A2, 'an operator goes where he wants');
});

test('a stop that is set for a while ends by itself, by a command of its own', () => {
  const tier = adoptedGroup();
  const until = tier.tier.now.wallMs + 3_000;
  assert.equal(stop(tier, { kind: 'all' }, until).ok, true);
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('automaticStopped'), 'alert', 2_500);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 6_000);
  const { changes, stops } = tier.state;
  assert.deepEqual(stops, []);
  assert.deepEqual(
    changes.map(({ change, by }) => [change, by]),
    [
      ['automaticStopped', 'eve'],
      ['stopExpired', 'pollux'],
    ],
  );
});
