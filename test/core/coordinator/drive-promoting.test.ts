import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { adoptedGroup, type GroupTier, KEY, NODES } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const candidateOf = (tier: GroupTier) => {
  const { phase } = tier.group;
  assert.equal(phase.kind, 'promoting');
  return phase.kind === 'promoting' ? phase.candidate : M;
};

/** The master is dead and the promotion is committed; its order reaches nobody. */
function promoting(policy: 'any-one' | 'all', lagging: ReplicaId | null = null): GroupTier {
  const tier = adoptedGroup({ policy });
  if (lagging !== null) tier.servers.of(lagging).lags = true;
  tier.servers.write();
  const lost = { kind: 'failed', reason: 'unreachable', detail: 'lost' } as const;
  for (const id of [A2, B1]) tier.servers.of(id).answers.set('promote', lost);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'promoting 2', 'promoting', 4_000);
  return tier;
}

test('a candidate that dies is given up for the next epoch, where another one holds everything', () => {
  const tier = promoting('all');
  const first = candidateOf(tier);
  const other = first === A2 ? B1 : A2;
  tier.servers.of(first).state = 'down';
  tier.servers.of(other).answers.clear();
  tier.until(() => tier.phase() === 'active 3', 'the next reign', 8_000);
  assert.equal(tier.group.master, other);
  const [second, third] = tier.history.slice(-2);
  assert.equal(second?.outcome, 'superseded');
  assert.equal(third?.reason, 'promotionFailed');
  assert.ok((third?.evidence.length ?? 0) >= 2);
  assert.deepEqual(tier.servers.writable(), [other]);
});

test('the others are told to follow as soon as the reign is committed, all at once', () => {
  const tier = adoptedGroup({ policy: 'all' });
  const before = tier.servers.done.length;
  tier.tier.holdSteer = ({ action }) => action.kind === 'attach';
  const asked = tier.ask({ type: 'switchover', group: KEY, to: A2, planOnly: false, by: 'tests' });
  assert.equal(asked.ok, true, JSON.stringify(asked));
  tier.until(() => tier.phase() === 'active 2', 'active', 4_000);
  const told = () => tier.servers.done.slice(before).filter((line) => line.endsWith('attach'));
  tier.until(() => told().length > 0, 'told to follow', 20);
  assert.deepEqual(told().sort(), [`${B1} attach`, `${M} attach`]);
});

test('a candidate that is another process by now is given up', () => {
  const tier = promoting('all');
  const first = candidateOf(tier);
  const other = first === A2 ? B1 : A2;
  tier.servers.restart(first);
  tier.servers.of(other).answers.clear();
  tier.until(() => tier.phase() === 'active 3', 'the next reign', 8_000);
  assert.equal(tier.group.master, other);
  tier.settled(3, [first]);
});

test('where the dead candidate may hold the only copy, nobody else is promoted', () => {
  const tier = promoting('any-one', B1);
  assert.equal(candidateOf(tier), A2);
  tier.servers.restart(A2);
  tier.servers.of(B1).answers.clear();
  tier.until(() => tier.phase() === 'fencing 3', 'given up', 8_000);
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  tier.tier.run(2_000);
  assert.deepEqual(tier.servers.writable(), []);
});

test('a candidate that refuses is an alert, and is asked again', () => {
  const tier = promoting('any-one');
  const first = candidateOf(tier);
  tier.servers.of(first).answers.set('promote', { kind: 'failed', reason: 'refused', detail: 'BUSY' });
  tier.until(() => tier.alerts.includes('brokerRefused'), 'alert', 2_000);
  tier.servers.of(first).answers.clear();
  tier.until(() => tier.phase() === 'active 2', 'active', 2_000);
  tier.tier.run(100);
  assert.ok(!tier.alerts.includes('brokerRefused'));
});

test('an order to promote that is under way is not given a second time', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = ({ action }) => action.kind === 'promote';
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'promoting 2', 'promoting', 4_000);
  tier.tier.run(1_000);
  assert.equal(tier.servers.done.filter((line) => line.endsWith('promote')).length, 2);
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.until(() => tier.phase() === 'active 2', 'active', 500);
});

for (const done of [true, false]) {
  test(`a leader crashes after PROMOTE was committed and ${done ? 'carried out' : 'before it was carried out'}: one reign, one master`, () => {
    const tier = done ? adoptedGroup() : promoting('any-one');
    if (done) {
      tier.tier.holdSteer = ({ action }) => action.kind === 'promote';
      tier.servers.kill(M);
      tier.until(() => tier.phase() === 'promoting 2', 'promoting', 4_000);
    }
    const candidate = candidateOf(tier);
    tier.tier.crash(tier.leader);
    tier.tier.holdSteer = () => false;
    for (const id of [A2, B1]) tier.servers.of(id).answers.clear();
    tier.until(() => tier.tier.leader() !== null && tier.phase() === 'active 2', 'active');
    assert.equal(tier.group.master, candidate);
    assert.deepEqual(tier.servers.writable(), [candidate]);
    assert.equal(tier.history.filter(({ reason }) => reason === 'promotionFailed').length, 0);
  });
}

test('a leader crashes right after ACTIVE: the next one grants and attaches, in the same epoch', () => {
  const tier = adoptedGroup();
  const lost = { kind: 'failed', reason: 'unreachable', detail: 'lost' } as const;
  for (const id of [A2, B1]) tier.servers.of(id).answers.set('attach', lost);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'active', 4_000);
  tier.tier.crash(tier.leader);
  for (const id of [A2, B1]) tier.servers.of(id).answers.clear();
  tier.until(() => tier.tier.leader() !== null, 'a leader');
  tier.servers.restart(M);
  tier.settled(
    2,
    [M, A2, B1].filter((id) => id !== tier.group.master),
  );
  assert.deepEqual(tier.servers.writable(), [tier.group.master]);
  assert.equal(NODES.length, 3);
});
