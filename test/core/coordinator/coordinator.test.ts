import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coordinator } from '../../../src/core/coordinator/coordinator.ts';
import type { MetadataState, Topic } from '../../../src/core/metadata/state.ts';
import {
  clusterName,
  groupName,
  type NodeName,
  siteName,
  term,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import type { Instant } from '../../../src/core/primitives/instant.ts';
import { addRequest, adoptedGroup, declaration, GroupTier, KEY, NODES } from './adopted-group.ts';
import { A2, addressOf, B1, M } from './fake-servers.ts';

const newCoordinator = (self: NodeName, state: () => MetadataState): Coordinator => {
  const token = { id: 't', sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 0 } as const;
  const bootstrap = { tierId: 'tier', sites: [], members: [], token };
  const site = siteName('idc-a');
  return new Coordinator({ self, site, voters: [], bootstrap, idPrefix: 'x', probeIntervalMs: 100 }, state);
};

const lead = (coordinator: Coordinator, leader: NodeName, now: Instant, leaseMs: number) =>
  coordinator.leadership(
    { term: term(9), leader, leading: true, leaseUntilMs: now.monotonicMs + leaseMs },
    now,
  );

test('a leader without a lease steers nothing, and what it had asked for does not count for its successor', () => {
  const tier = adoptedGroup();
  const deposed = tier.leader;
  tier.tier.holdSteer = (_request, node) => node === deposed;
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  tier.isolate(deposed);
  // Longer than its lease, shorter than an election: the others have no leader yet.
  tier.tier.run(600);
  const issued = tier.tier.steered.filter(({ node }) => node === deposed).length;
  tier.until(() => tier.tier.steered.some(({ node }) => node !== deposed), 'a successor steers', 5_000);
  tier.until(
    () => tier.others.some((node) => tier.tier.loop(node).state().groups.get(KEY)?.phase.kind === 'active'),
    'a new reign',
    5_000,
  );
  tier.tier.releaseSteers();
  tier.tier.run(1_000);
  assert.equal(tier.tier.steered.filter(({ node }) => node === deposed).length, issued);
  tier.tier.cut.clear();
  tier.tier.holdSteer = () => false;
  tier.servers.restart(M);
  tier.until(
    () =>
      tier.tier.leader() !== null &&
      tier.isSettled(
        2,
        [A2, B1, M].filter((id) => id !== tier.group.master),
      ),
    'settled',
  );
  assert.equal(tier.servers.writable().length, 1);
});

test('what was answered about an earlier phase proves nothing in a later one', () => {
  const tier = adoptedGroup({ policy: 'all' });
  // b1's revocation of epoch 2 is carried out and its answer held; then epoch 3 begins.
  tier.tier.holdSteer = ({ action, target }) => action.kind === 'revoke' && target.replica === B1;
  tier.servers.done.length = 0;
  const lost = { kind: 'failed', reason: 'mismatch', detail: 'not as read' } as const;
  tier.servers.of(A2).answers.set('promote', lost);
  tier.servers.kill(M);
  tier.until(() => tier.group.phase.kind === 'fencing' && tier.group.phase.epoch >= 3, 'given up', 5_000);
  const revoked = tier.servers.done.filter((line) => line === 'b1 revoke').length;
  assert.equal(revoked, 1);
  tier.tier.holdSteer = () => false;
  tier.servers.of(A2).answers.clear();
  tier.tier.releaseSteers();
  tier.tier.run(100);
  assert.equal(tier.servers.done.filter((line) => line === 'b1 revoke').length, 2);
});

test('a server that only another node reaches is steered through that node', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).unreachableFrom.add(tier.leader);
  tier.tier.run(1_500);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  tier.settled(
    2,
    [A2, B1].filter((id) => id !== tier.group.master),
  );
  const through = tier.tier.steered
    .filter(({ request }) => request.target.replica === B1)
    .map(({ node }) => node);
  assert.ok(
    through.slice(-2).every((node) => node !== tier.leader),
    through.join(),
  );
});

test('the servers of a removed group are given back, also one that an action is out on', () => {
  const tier = adoptedGroup();
  tier.servers.kill(B1);
  tier.settled(1, [A2]);
  tier.servers.restart(B1);
  tier.tier.holdSteer = ({ action, target }) => action.kind !== 'release' && target.replica === B1;
  tier.until(() => tier.servers.done.at(-1) === 'b1 revoke', 'an action is out', 3_000);
  assert.equal(tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' }).ok, true);
  tier.tier.run(100);
  assert.deepEqual(
    [M, A2, B1].map((id) => tier.servers.of(id).released),
    [true, true, false],
  );
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.tier.run(100);
  assert.equal(tier.servers.of(B1).released, true);
  const steered = tier.servers.done.length;
  tier.tier.run(2_000);
  assert.equal(tier.servers.done.length, steered);
});

test('a removal that one leader proposed and the next applies gives the servers back', () => {
  const tier = adoptedGroup();
  const { leader } = tier;
  const tail = tier.tier.loop(leader).status(tier.tier.now).lastIndex + 1;
  tier.tier.onSend = (node, message) => {
    // The others hold the removal; that it is committed they hear from their next leader.
    if (node !== leader || message.kind !== 'raft' || message.message.type !== 'append') return;
    if (message.message.commitIndex >= tail) tier.isolate(leader);
  };
  tier.tier.holdSteer = (_request, node) => node === leader;
  tier.tier.request(leader, { type: 'removeGroup', group: KEY, by: 'eve' });
  tier.tier.crash(leader);
  for (const id of [M, A2, B1]) tier.servers.of(id).released = false;
  tier.until(() => tier.tier.leader() !== null, 'another leader');
  tier.tier.run(1_000);
  assert.ok([M, A2, B1].every((id) => tier.servers.of(id).released));
});

test('a server that was declared anew before it was given back is kept', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = ({ target }) => target.group === KEY && target.replica === B1;
  tier.servers.kill(B1);
  tier.settled(1, [A2]);
  tier.servers.restart(B1);
  tier.until(() => tier.servers.done.at(-1) === 'b1 revoke', 'an action is out', 3_000);
  assert.equal(tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' }).ok, true);
  const other = declaration({ name: groupName('other') });
  const replicas = other.replicas.filter(({ id }) => id === B1);
  assert.equal(tier.ask(addRequest({ ...other, replicas })).ok, true);
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.tier.run(100);
  assert.equal(tier.servers.of(B1).released, false);
});

test('a server of a removed group is not touched once a watched group has its name', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = ({ target }) => target.group === KEY && target.replica === B1;
  tier.servers.kill(B1);
  tier.settled(1, [A2]);
  tier.servers.restart(B1);
  tier.until(() => tier.servers.done.at(-1) === 'b1 revoke', 'an action is out', 3_000);
  assert.equal(tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' }).ok, true);
  const replicas = declaration().replicas.filter(({ id }) => id !== B1);
  assert.equal(tier.ask(addRequest({ watchOnly: true, replicas })).ok, true);
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.tier.run(100);
  assert.equal(tier.servers.of(B1).released, false);
});

test('a removal that is refused gives nothing back', () => {
  const tier = adoptedGroup();
  const topic: Topic = {
    cluster: clusterName('main'),
    name: topicName('payments'),
    queues: [{ group: KEY, readQueues: 1, writeQueues: 1 }],
    permission: 'readWrite',
    order: false,
    near: 'prefer',
    attributes: {},
    source: 'declared',
    owner: 'tests',
    labels: {},
  };
  assert.equal(tier.ask({ type: 'propose', command: { type: 'topic.add', topic } }).ok, true);
  const reply = tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' });
  assert.equal(!reply.ok && reply.refusal.code, 'groupNotEmpty');
  tier.tier.run(1_000);
  assert.ok([M, A2, B1].every((id) => !tier.servers.of(id).released));
});

test('two of three nodes lost: the masters serve on and nothing is steered', () => {
  const tier = adoptedGroup();
  for (const node of tier.others) tier.tier.crash(node);
  tier.tier.run(2_000);
  const steered = tier.servers.done.length;
  tier.servers.kill(A2);
  tier.tier.run(6_000);
  assert.equal(tier.servers.done.length, steered);
  assert.deepEqual(tier.servers.writable(), [M]);
  assert.equal(NODES.length, 3);
});

test('a forced move that cannot be proposed, because leadership is being handed over, is answered', () => {
  const tier = adoptedGroup();
  const leader = tier.leader;
  for (const other of tier.others) tier.tier.cut.add(`${leader}>${other}`);
  tier.tier.input(leader, { kind: 'handOver' });
  const asked = tier.tier.request(leader, { type: 'failover', group: KEY, to: B1, unsafe: false, by: 'eve' });
  const reply = tier.tier.reply(asked);
  assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'notLeader');
});

test('without a lease the committed phase waits: nothing is steered', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = () => true;
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  const state = tier.tier.loop(tier.leader).state();
  const { now } = tier.tier;
  for (const [leaseMs, steered] of [
    [-1, 0],
    [1_000, 3],
  ] as const) {
    const coordinator = newCoordinator(tier.leader, () => state);
    const effects = [...lead(coordinator, tier.leader, now, leaseMs), ...coordinator.tick(now)];
    assert.equal(effects.filter(({ kind }) => kind === 'steer').length, steered);
  }
});

test('a command of somebody else that is applied first does not stand for the one that is awaited', () => {
  const tier = adoptedGroup();
  const { now } = tier.tier;
  const state = tier.tier.loop(tier.leader).state();
  const coordinator = newCoordinator(tier.leader, () => state);
  lead(coordinator, tier.leader, now, 1_000);
  coordinator.tick(now);
  const asker = { kind: 'local', requestId: 1 } as const;
  const request = { type: 'failover', group: KEY, to: B1, unsafe: true, by: 'eve' } as const;
  const asked = coordinator.request(asker, request, now);
  assert.deepEqual(
    asked.flatMap((effect) => (effect.kind === 'propose' ? [effect.command.type] : [])),
    ['group.fence'],
  );
  const outcome = tier.servers.probe(addressOf(M), tier.leader);
  coordinator.observed({ ref: { group: KEY, replica: M }, fresh: false, outcome }, now);
  const policy = {
    type: 'group.set',
    key: KEY,
    policy: 'any-one',
    onShortage: 'degrade',
    timeFenceSeconds: null,
    detectionMs: null,
    cooldownMs: null,
    by: 'eve',
    wallMs: 0,
  } as const;
  const applied = { command: policy, result: { ok: true, value: null }, removed: null } as const;
  const effects = coordinator.applied(applied, 99, now);
  assert.deepEqual(
    effects.filter(({ kind }) => kind === 'steer' || kind === 'propose'),
    [],
  );
});

test('what a node does for a leader is answered to that leader, and forgotten with its term', () => {
  const [self, leader] = [NODES[0], NODES[1]] as [NodeName, NodeName];
  const tier = new GroupTier();
  const state = tier.tier.loop(tier.leader).state();
  const { now } = tier.tier;
  for (const [newTerm, sent] of [
    [5, 1],
    [6, 0],
  ] as const) {
    const coordinator = newCoordinator(self, () => state);
    const following = { leader, leading: false, leaseUntilMs: 0 };
    coordinator.leadership({ ...following, term: term(5) }, now);
    const target = { group: KEY, replica: M, address: addressOf(M) };
    const request = { steerId: 7, term: term(5), path: 0, target, action: { kind: 'resumeWrites' } } as const;
    const effects = coordinator.fromPeer(leader, { type: 'steer', broker: 'redis', request }, now);
    assert.deepEqual(
      effects.map(({ kind }) => kind),
      ['steer'],
    );
    coordinator.leadership({ ...following, term: term(newTerm) }, now);
    const ref = { group: KEY, replica: M };
    const outcome = { kind: 'done', report: null } as const;
    const results = coordinator.steered({ steerId: 7, term: term(5), ref, outcome }, now);
    assert.equal(results.filter(({ kind }) => kind === 'send').length, sent);
  }
});

test('only the leader of the present term is acted for', () => {
  const [self, leader, other] = NODES as [NodeName, NodeName, NodeName];
  const tier = new GroupTier();
  const state = tier.tier.loop(tier.leader).state();
  const coordinator = newCoordinator(self, () => state);
  coordinator.leadership({ leader, leading: false, leaseUntilMs: 0, term: term(5) }, tier.tier.now);
  const target = { group: KEY, replica: M, address: addressOf(M) };
  for (const [from, asked] of [
    [other, 5],
    [leader, 4],
  ] as const) {
    const request = {
      steerId: 7,
      term: term(asked),
      path: 0,
      target,
      action: { kind: 'resumeWrites' },
    } as const;
    const effects = coordinator.fromPeer(from, { type: 'steer', broker: 'redis', request }, tier.tier.now);
    assert.deepEqual(effects, []);
  }
});
