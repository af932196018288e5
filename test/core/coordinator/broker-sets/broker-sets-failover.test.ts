import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, B, BrokerTier, IDC_A, IDC_B, NODES, W } from './broker-tier.ts';

const SITES = [IDC_A, IDC_A, IDC_B] as const;
const running = (seed = 1): BrokerTier => new BrokerTier(SITES, seed).begin();

/** Lets leadership go to this node. */
function lead(world: BrokerTier, node: (typeof NODES)[number]): void {
  for (let tries = 0; tries < 20 && world.tier.leader() !== node; tries += 1) {
    const leader = world.tier.leader();
    if (leader !== null) world.tier.input(leader, { kind: 'handOver' });
    world.run(1_000);
  }
  assert.equal(world.tier.leader(), node);
}

test('the first broker that asks becomes the first master, and all come to be in sync', () => {
  const world = running();
  assert.equal(world.set.masterEpoch, 1);
  assert.deepEqual(world.set.syncStateSet, [1, 2, 3]);
  world.run(5_000);
  assert.equal(world.set.masterEpoch, 1);
  world.judge();
});

test('a master that was killed is replaced within a second by a member that holds everything', () => {
  const world = running();
  const old = world.reigning;
  world.kill(old.id);
  const tookMs = world.until(
    () => world.set.masterEpoch === 2 && world.set.master !== old.id,
    'elected',
    3_000,
  );
  assert.ok(tookMs <= 1_000, `${tookMs} ms`);
  world.until(() => world.reigning.role === 'master', 'promoted', 1_000);
  world.until(() => world.set.syncStateSet.length === 2, 'the other slave follows', 10_000);
  const [record] = world.state.brokerSetHistory.filter(({ reason }) => reason === 'masterLost');
  assert.ok(record !== undefined);
  assert.deepEqual([record.from, record.to, record.masterEpoch], [old.id, world.set.master, 2]);
  assert.ok(
    record.evidence.filter(({ verdict, detail }) => verdict === 'dead' && !detail.startsWith('suspected'))
      .length >= 2,
  );
  assert.deepEqual(
    record.candidates.map(({ id }) => id),
    [2, 3],
  );
  assert.ok(record.candidates.some(({ chosen, maxOffset }) => chosen && maxOffset !== null));
  old.restart();
  world.until(() => world.isWhole(), 'the old master is back as a slave', 20_000);
  world.judge();
});

test('a host that falls silent is replaced after the detection time, not before', () => {
  const world = running();
  const old = world.reigning;
  old.state = 'silent';
  const tookMs = world.until(() => world.set.masterEpoch === 2, 'elected', 8_000);
  assert.ok(
    tookMs >= world.set.detectionMs - 1_000 && tookMs <= world.set.detectionMs + 2_000,
    `${tookMs} ms`,
  );
  old.state = 'up';
  world.until(() => world.isWhole(), 'whole again', 20_000);
  world.judge();
});

test('an IDC that is cut off with the leader and the master in it: the other elects, and nothing acknowledged is lost', () => {
  const world = running();
  lead(world, A);
  world.until(() => world.isWhole(), 'whole');
  const old = world.reigning;
  assert.equal(old.site, IDC_A);
  world.cutSite(IDC_A);
  const tookMs = world.until(() => world.set.master === 3, 'the one in the other IDC reigns', 12_000);
  assert.ok(tookMs <= world.set.detectionMs + 3_000, `${tookMs} ms`);
  world.run(5_000);
  // Nobody can revoke it: it goes on, and acknowledges nothing, for the other IDC is in its sync state set.
  assert.equal(old.role, 'master');
  world.heal();
  world.until(() => world.isWhole(), 'whole again', 30_000);
  assert.equal(old.role, 'slave');
  world.judge();
});

test('an IDC that is cut off without the master costs nothing but its member of the sync state set', () => {
  const world = running();
  world.cutSite(IDC_B);
  world.run(10_000);
  assert.equal(world.set.masterEpoch, 1);
  assert.equal(world.set.degraded, true);
  assert.ok(
    world.tier
      .loop(world.leader)
      .alerts()
      .some(({ code }) => code === 'degraded'),
  );
  world.heal();
  world.until(() => world.isWhole(), 'whole again', 20_000);
  assert.ok(
    world.tier
      .loop(world.leader)
      .alerts()
      .every(({ code }) => code !== 'degraded'),
  );
  world.judge();
});

test('a leader that alone sees the master dead does nothing', () => {
  const world = running();
  const master = world.reigning;
  master.unreachableFrom.add(world.leader);
  world.run(15_000);
  assert.equal(world.set.masterEpoch, 1);
  assert.ok(
    world.tier
      .loop(world.leader)
      .alerts()
      .every(({ code }) => code !== 'masterless'),
  );
  world.judge();
});

test('a connection that ends at the leader alone costs a question and no master', () => {
  const world = running();
  const { leader, reigning } = world;
  world.hangUp(reigning.id, [leader]);
  world.run(2_000);
  assert.equal(world.set.masterEpoch, 1);
  assert.ok(world.logged.includes(`${leader} brokerSet.suspected`));
  assert.ok(world.asked.filter((line) => line.endsWith(`${reigning.address} probe`)).length >= 3);
  world.judge();
});

test('a broken line between the leader’s IDC and the master’s, with the witness hearing both, condemns nobody', () => {
  const world = running();
  lead(world, B);
  world.until(() => world.isWhole(), 'whole');
  world.cutSites.add([IDC_A, IDC_B].sort().join());
  world.run(15_000);
  assert.equal(world.set.masterEpoch, 1);
  world.judge();
});

test('whoever lags is not elected, though it is preferred; whoever left the sync state set is no candidate', () => {
  const world = running();
  // Broker 2 stands still for longer than its master waits: it is out, and behind.
  world.broker(2).state = 'silent';
  world.until(() => !world.set.syncStateSet.includes(2), 'dropped');
  world.broker(2).state = 'up';
  world.broker(2).follows = null;
  world.broker(2).role = 'fenced';
  world.kill(1);
  world.until(() => world.set.masterEpoch >= 2, 'elected');
  assert.equal(world.set.master, 3);
  world.until(() => world.set.syncStateSet.includes(2), 'back', 20_000);
  world.judge();
});

test('nobody who holds everything answers: the set has no master, once, until one of them is back', () => {
  const world = running();
  for (const id of [2, 3]) world.broker(id).state = 'silent';
  world.until(() => world.set.syncStateSet.length === 1, 'alone');
  for (const id of [2, 3]) world.broker(id).state = 'up';
  for (const id of [2, 3]) world.broker(id).masterEpoch = 99;
  world.kill(1);
  world.until(() => world.set.master === null, 'without a master');
  assert.equal(world.set.masterEpoch, 2);
  world.run(10_000);
  assert.equal(world.set.masterEpoch, 2, 'said once');
  assert.ok(
    world.tier
      .loop(world.leader)
      .alerts()
      .some(({ code }) => code === 'masterless'),
  );
  world.broker(1).restart();
  world.until(() => world.set.master === 1, 'elected again', 5_000);
  assert.equal(world.set.masterEpoch, 3);
});

test('a role change goes through whichever node reaches the broker, and is said again until it is acknowledged', () => {
  const world = running();
  const { leader } = world;
  const other = NODES.find((node) => node !== leader) ?? B;
  // The leader reaches nobody but hears them; only one follower can ask them.
  for (const id of [2, 3])
    for (const node of NODES) if (node !== other) world.broker(id).unreachableFrom.add(node);
  world.run(1_000);
  world.kill(1);
  world.until(() => world.set.masterEpoch >= 2 && world.set.master !== null, 'elected', 15_000);
  world.until(() => world.reigning.role === 'master', 'told', 10_000);
  assert.ok(world.asked.includes(`${other} ${world.reigning.address} changeRole`));
});

test('what an old leader had asked for is asked again by the next one', () => {
  const world = running();
  world.kill(1);
  world.until(() => world.set.masterEpoch === 2, 'elected');
  const elected = world.reigning;
  world.asked.length = 0;
  const { leader } = world;
  world.tier.crash(leader);
  // What the crashed one said may have arrived; whoever is told twice takes no harm.
  world.until(
    () => world.tier.leader() !== null && world.asked.some((line) => line.endsWith('changeRole')),
    'asked',
  );
  assert.ok(world.asked.every((line) => !line.startsWith(leader)));
  world.tier.start(leader);
  world.until(() => elected.role === 'master' && world.set.syncStateSet.length === 2, 'whole', 20_000);
  world.judge();
});

test('a leader that has just started does not accuse a master that it has not heard yet', () => {
  const world = running();
  for (const node of NODES) world.tier.crash(node);
  for (const node of NODES) world.tier.start(node);
  world.until(() => world.tier.leader() !== null, 'a leader');
  world.run(6_000);
  assert.equal(world.set.masterEpoch, 1);
  world.judge();
});

test('a stop holds the election and says so; lifted, it goes on', () => {
  const world = running();
  const stop = {
    scope: { kind: 'all' },
    by: 'eve',
    reason: 'works',
    sinceWallMs: 1,
    untilWallMs: null,
  } as const;
  assert.ok(world.tier.ask(world.leader, { type: 'propose', command: { type: 'automatic.stop', stop } }).ok);
  world.kill(1);
  world.run(8_000);
  assert.equal(world.set.masterEpoch, 1);
  const codes = world.tier
    .loop(world.leader)
    .alerts()
    .map(({ code }) => code);
  assert.ok(codes.includes('automaticStopped'), codes.join());
  const resume = { type: 'automatic.resume', scope: { kind: 'all' }, by: 'eve', wallMs: 2 } as const;
  assert.ok(world.tier.ask(world.leader, { type: 'propose', command: resume }).ok);
  world.until(() => world.set.masterEpoch === 2, 'elected');
  world.judge();
});

test('a master that is silent right after an election is followed at once; the third such one is waited with, and that is said', () => {
  const world = running();
  const alerts = (): string[] =>
    world.tier
      .loop(world.leader)
      .alerts()
      .map(({ code }) => code);
  for (const nth of [1, 2]) {
    const master = world.reigning;
    master.state = 'silent';
    const tookMs = world.until(() => world.reigning !== master, `election ${nth}`, 10_000);
    assert.ok(tookMs <= world.set.detectionMs + 2_000, `election ${nth} took ${tookMs} ms`);
    master.state = 'up';
    world.until(() => world.isWhole(), 'whole', 20_000);
  }
  const third = world.reigning;
  third.state = 'silent';
  world.until(() => alerts().includes('coolingDown'), 'said', 8_000);
  const tookMs = world.until(() => world.reigning !== third, 'the third', 60_000);
  assert.ok(tookMs > 10_000, `${tookMs} ms`);
  world.judge();
});

test('an IDC that is stopped is kept out of as well', () => {
  const world = running();
  const scope = { kind: 'idc', site: IDC_B } as const;
  const stop = { scope, by: 'eve', reason: '', sinceWallMs: 1, untilWallMs: null };
  assert.ok(world.tier.ask(world.leader, { type: 'propose', command: { type: 'automatic.stop', stop } }).ok);
  world.kill(2);
  world.until(() => !world.set.syncStateSet.includes(2), 'dropped');
  world.kill(1);
  world.run(8_000);
  assert.equal(world.set.masterEpoch, 1, 'only the one in the stopped IDC could follow');
  const resume = { type: 'automatic.resume', scope, by: 'eve', wallMs: 2 } as const;
  assert.ok(world.tier.ask(world.leader, { type: 'propose', command: resume }).ok);
  world.until(() => world.set.master === 3, 'elected');
});

void W;

test('an old master that comes back acknowledges nothing any more before it is told of its successor', () => {
  const world = running();
  const old = world.reigning;
  world.cutSite(IDC_A);
  world.asked.length = 0;
  world.until(() => world.set.master !== old.id, 'elected', 15_000);
  world.run(2_000);
  assert.equal(old.role, 'master', 'it writes what nobody else has');
  const isOfOld = (line: string): boolean => line.includes(` ${old.address} `);
  assert.ok(!world.asked.some((line) => isOfOld(line) && line.endsWith(' changeRole')), 'not told meanwhile');
  world.heal();
  world.until(() => old.syncStateSet.includes(0), 'held', 5_000);
  assert.equal(old.role, 'master');
  world.until(() => world.isWhole(), 'whole', 40_000);
  world.judge();
});
