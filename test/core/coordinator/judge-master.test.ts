import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopScope } from '../../../src/core/metadata/state.ts';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { adoptedGroup, type GroupTier, KEY, NODES } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const stop = (scope: StopScope, untilWallMs: number | null = null) =>
  ({
    type: 'propose',
    command: {
      type: 'automatic.stop',
      stop: { scope, by: 'eve', reason: 'work', sinceWallMs: 0, untilWallMs },
    },
  }) as const;

const resume = (scope: StopScope) =>
  ({ type: 'propose', command: { type: 'automatic.resume', scope, by: 'eve', wallMs: 0 } }) as const;

test('a killed master is replaced before its silence is over, and the history says who said what', () => {
  const tier = adoptedGroup();
  tier.servers.write();
  tier.servers.kill(M);
  const killedMs = tier.tier.now.monotonicMs;
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 900);
  assert.ok(tier.tier.now.monotonicMs - killedMs < 900);
  assert.equal(tier.lastRecord.reason, 'masterLost');
  const said = tier.lastRecord.evidence.filter(({ detail }) => !detail.startsWith('suspected'));
  assert.ok(said.filter(({ verdict }) => verdict === 'dead').length >= 2, JSON.stringify(said));
  assert.ok(new Set(said.map(({ site }) => site)).size >= 2);
  assert.match(said[0]?.detail ?? '', /refuse/);
  assert.deepEqual(
    tier.lastRecord.steps.map(({ step }) => step),
    ['fencing', 'promoting', 'active'],
  );
  assert.equal(tier.lastRecord.candidates.find(({ chosen }) => chosen)?.offset, 110n);
  assert.deepEqual(tier.servers.writable().length, 1);
});

test('a master that answers as another process has ended its reign, whatever it says', () => {
  const tier = adoptedGroup();
  tier.servers.restart(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 2_000);
  assert.equal(tier.lastRecord.reason, 'masterRestarted');
  assert.notEqual(tier.group.master, M);
  tier.settled(
    2,
    [A2, B1, M].filter((id) => id !== tier.group.master),
  );
});

test('a master that says nothing is given its detection time', () => {
  const tier = adoptedGroup();
  tier.servers.of(M).state = 'hung';
  tier.tier.run(900);
  assert.equal(tier.phase(), 'active 1');
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  assert.match(tier.lastRecord.evidence[0]?.detail ?? '', /nothing heard/);
});

test('what only the leader cannot see is not dead', () => {
  const tier = adoptedGroup();
  tier.servers.of(M).unreachableFrom.add(tier.leader);
  const steered = tier.servers.done.length;
  tier.tier.run(6_000);
  assert.equal(tier.phase(), 'active 1');
  assert.equal(tier.servers.done.length, steered);
  assert.deepEqual(tier.servers.writable(), [M]);
});

test('a master that answers again, though as a slave, is no loss that anybody should be told to accept', () => {
  const tier = adoptedGroup();
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  Object.assign(tier.servers.of(M), { state: 'up', role: 'slave', follows: B1 });
  tier.until(() => tier.alerts.includes('held'), 'held', 3_000);
  assert.deepEqual(tier.alerts, ['held']);
});

test('a master that its slaves still hear is held, loudly, and no longer than they hear it', () => {
  const tier = adoptedGroup();
  for (const node of NODES) tier.servers.of(M).unreachableFrom.add(node);
  for (let pings = 0; pings < 25; pings += 1) {
    tier.servers.write(14n);
    tier.tier.run(200);
  }
  assert.equal(tier.phase(), 'active 1');
  assert.deepEqual(tier.alerts, ['held']);
  assert.match(tier.alert('held'), /received from it.*pollux failover orders --cluster main$/);
  tier.servers.of(M).unreachableFrom.clear();
  tier.tier.run(500);
  assert.deepEqual(tier.alerts, []);
});

test('where nothing could be proven the group is not fenced, and a master that comes back goes on', () => {
  const tier = adoptedGroup();
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  assert.match(tier.alert('unprovable'), /pollux failover orders --unsafe/);
  assert.match(tier.alert('unprovable'), /a2/);
  tier.tier.run(3_000);
  assert.equal(tier.phase(), 'active 1');
  tier.servers.of(M).state = 'up';
  tier.tier.run(500);
  assert.equal(tier.phase(), 'active 1');
  assert.deepEqual(tier.servers.writable(), [M]);
  assert.ok(!tier.alerts.includes('unprovable'));
});

test('a death that was confirmed is forgotten once the master answers again', () => {
  const tier = adoptedGroup();
  tier.servers.of(A2).state = 'hung';
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  tier.servers.of(M).state = 'up';
  tier.servers.of(A2).state = 'up';
  tier.tier.run(1_000);
  assert.equal(tier.phase(), 'active 1');
  assert.equal(tier.lastRecord.reason, 'adoption');
});

for (const scope of [
  { kind: 'all' },
  { kind: 'idc', site: siteName('idc-a') },
  { kind: 'group', group: KEY },
] as const) {
  test(`automatic action that is stopped (${scope.kind}) holds, says so, and goes on when it is resumed`, () => {
    const tier = adoptedGroup();
    assert.equal(tier.ask(stop(scope)).ok, true);
    tier.servers.kill(M);
    tier.until(() => tier.alerts.includes('automaticStopped'), 'alert', 3_000);
    assert.match(tier.alert('automaticStopped'), /eve \(work\)/);
    tier.tier.run(4_000);
    assert.equal(tier.phase(), 'active 1');
    assert.equal(tier.ask(resume(scope)).ok, true);
    tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
    tier.tier.run(200);
    assert.ok(!tier.alerts.includes('automaticStopped'));
  });
}

test('a stop elsewhere does not hold a group', () => {
  const tier = adoptedGroup();
  assert.equal(tier.ask(stop({ kind: 'idc', site: siteName('idc-b') })).ok, true);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
});

/** Ends the leader and starts all nodes anew: none of them has watched anything yet. */
function restartAll(tier: GroupTier): void {
  for (const node of NODES) tier.tier.crash(node);
  for (const node of NODES) tier.tier.start(node);
}

for (const spared of [0, 1] as const) {
  test(`a master that died while ${3 - spared} nodes were away is an operator's affair, and an alert says so`, () => {
    const tier = adoptedGroup();
    const [survivor] = tier.others;
    const away = NODES.filter((node) => spared === 0 || node !== survivor);
    for (const node of away) tier.tier.crash(node);
    tier.servers.kill(M);
    for (const node of away) tier.tier.start(node);
    const isAlerted = (): boolean => tier.tier.leader() !== null && tier.alerts.includes('held');
    tier.until(isAlerted, 'an alert', 12_000);
    assert.match(tier.alert('held'), /pollux failover orders/);
    assert.equal(tier.phase(), 'active 1');
    tier.servers.restart(M);
    tier.until(() => tier.phase() === 'active 2', 'a new reign', 6_000);
    tier.tier.run(1_000);
    assert.ok(!tier.alerts.includes('held'));
  });
}

test('nodes that have just begun to watch abstain for one detection time', () => {
  const tier = adoptedGroup({ detectionMs: 4_000 });
  restartAll(tier);
  const startedMs = tier.tier.now.monotonicMs;
  tier.until(() => tier.tier.leader() !== null, 'a leader');
  tier.tier.run(300);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 10_000);
  assert.ok(tier.tier.now.monotonicMs - startedMs >= 4_000);
});
