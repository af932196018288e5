import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { Command } from '../../../src/core/metadata/command.ts';
import {
  clusterName,
  groupKey,
  groupName,
  type NodeName,
  nodeName,
} from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { addRequest } from '../coordinator/adopted-group.ts';
import { registration, version } from '../metadata/broker-set-fixture.ts';
import { foundedTier, LoopHarness, PLACES } from './loop-harness.ts';

const set = (key: string, value = 'v'): ClientRequest => ({
  type: 'propose',
  command: { type: 'keyValue.set', key, value },
});

test('a command is answered once it is committed, and every node comes to hold it', () => {
  const { tier, leader } = foundedTier();
  const reply = tier.ask(leader, set('a'));
  assert.equal(reply.ok && reply.value.kind, 'committed');
  tier.run(200);
  for (const name of ['pollux-a', 'pollux-b', 'pollux-w']) {
    assert.equal(tier.loop(nodeName(name)).state().keyValues.get('a'), 'v');
  }
});

test('a follower passes a request on, and the refusal of its rule comes back', () => {
  const { tier } = foundedTier();
  const follower = tier.follower();
  assert.equal(tier.ask(follower, set('b')).ok, true);
  const absent = tier.ask(follower, {
    type: 'propose',
    command: { type: 'keyValue.remove', key: 'nothing' },
  });
  assert.equal(absent.ok, false);
});

test('nothing is acknowledged, sent or applied before the disk has answered', () => {
  const { tier, leader } = foundedTier();
  for (const name of ['pollux-a', 'pollux-b', 'pollux-w']) tier.stalledDisks.add(nodeName(name));
  const ticket = tier.request(leader, set('c'));
  tier.run(200);
  assert.equal(tier.reply(ticket), null);
  assert.equal(tier.loop(leader).state().keyValues.has('c'), false);
  for (const name of ['pollux-a', 'pollux-b', 'pollux-w']) tier.releaseDisk(nodeName(name));
  tier.runUntil(() => tier.reply(ticket) !== null);
  // The answer of a leader that stood still may honestly be that it does not know; it is never a false yes.
  const reply = tier.reply(ticket);
  tier.run(2_000);
  const now = tier.leader();
  assert.ok(now !== null && reply !== null);
  if (reply.ok) assert.equal(tier.loop(now).state().keyValues.get('c'), 'v');
  else assert.ok(['notLeader', 'timedOut', 'noLeader'].includes(reply.refusal.code), reply.refusal.code);
});

test('while the own disk does not answer, a leader sends what comes in to its followers, and says yes to nothing', () => {
  const { tier, leader } = foundedTier();
  tier.stalledDisks.add(leader);
  const tickets = [tier.request(leader, set('first')), tier.request(leader, set('second'))];
  tier.run(100);
  const follower = tier.loop(tier.follower()).status(tier.now);
  assert.equal(follower.lastIndex, tier.loop(leader).status(tier.now).lastIndex);
  assert.deepEqual(
    tickets.map((ticket) => tier.reply(ticket)),
    [null, null],
  );
  tier.releaseDisk(leader);
  tier.runUntil(() => tickets.every((ticket) => tier.reply(ticket) !== null));
  assert.deepEqual(
    tickets.map((ticket) => tier.reply(ticket)?.ok),
    [true, true],
  );
});

test('what needs no consensus is answered while the disk does not answer', () => {
  const { tier, leader } = foundedTier();
  tier.stalledDisks.add(leader);
  tier.request(leader, set('first'));
  const unknown = {
    type: 'removeGroup',
    group: groupKey(clusterName('c'), groupName('g')),
    by: 'test',
  } as const;
  const refusedAtOnce = tier.reply(
    tier.request(leader, { ...unknown, type: 'switchover', to: null, planOnly: true }),
  );
  assert.equal(refusedAtOnce !== null && !refusedAtOnce.ok && refusedAtOnce.refusal.code, 'unknownGroup');
});

test('the requests under way are bounded, and a client is told when there are too many', () => {
  const { tier, leader } = foundedTier();
  tier.stalledDisks.add(leader);
  for (let count = 0; count < LIMITS.requestsInFlight; count += 1) tier.request(leader, set(`k${count}`));
  const reply = tier.reply(tier.request(leader, set('late')));
  assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'overloaded');
});

test('commands that arrive in one go are one batch', () => {
  const { tier, leader } = foundedTier();
  const before = tier.batches.length;
  const tickets = ['a', 'b', 'c'].map((key) => tier.hand(leader, set(key)));
  tier.runUntil(() => tickets.every((ticket) => tier.reply(ticket)?.ok === true));
  const sizes = tier.batches.slice(before).filter(({ node }) => node === leader);
  assert.equal(sizes[0]?.entries, 3);
});

test('a read barrier on a follower is answered once it holds what was committed before', () => {
  const { tier, leader } = foundedTier();
  tier.ask(leader, set('d'));
  const follower = tier.follower();
  const reply = tier.ask(follower, { type: 'readBarrier' });
  assert.equal(reply.ok && reply.value.kind, 'current');
  assert.equal(tier.loop(follower).state().keyValues.get('d'), 'v');
});

test('a leader that is cut off is not current within one election timeout, and knows no leader to pass requests to', () => {
  const { tier, leader } = foundedTier();
  for (const name of ['pollux-a', 'pollux-b', 'pollux-w']) {
    tier.cut.add(`${leader}>${name}`);
    tier.cut.add(`${name}>${leader}`);
  }
  tier.run(600);
  assert.equal(tier.loop(leader).isCurrent(tier.now), false);
  tier.run(1_000);
  const reply = tier.ask(leader, set('e'));
  assert.equal(!reply.ok && reply.refusal.code, 'noLeader');
});

test('clients of a leader that loses its place are told that the outcome is unknown, at once', () => {
  const { tier, leader } = foundedTier();
  for (const name of ['pollux-a', 'pollux-b', 'pollux-w']) {
    tier.cut.add(`${leader}>${name}`);
    tier.cut.add(`${name}>${leader}`);
  }
  const ticket = tier.request(leader, set('f'));
  tier.run(2_000);
  const reply = tier.reply(ticket);
  assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'notLeader');
});

test('a node that missed more than the log keeps is brought up by a snapshot, and restarts from its disk', () => {
  const { tier, leader } = foundedTier({ entriesBeforeSnapshot: 50 });
  const away = tier.follower();
  tier.crash(away);
  for (let count = 0; count < 300; count += 1) assert.equal(tier.ask(leader, set(`k${count}`)).ok, true);
  tier.start(away);
  const caughtUp = (): boolean => tier.loop(away).state().keyValues.size === 300;
  assert.ok(tier.runUntil(caughtUp), 'the node caught up');
  tier.crash(away);
  tier.start(away);
  assert.ok(tier.runUntil(caughtUp), 'the node came back with everything');
});

test('a log of large entries is cut by its bytes, and again only when as many have come', () => {
  const { tier, leader } = foundedTier({ bytesBeforeSnapshot: 40_000 });
  const snapshotIndex = (): number => tier.loop(leader).status(tier.now).snapshotIndex;
  const put = (count: number): void => {
    for (let nth = 0; nth < count; nth += 1) tier.ask(leader, set(`k${nth}`, 'v'.repeat(4_000)));
  };
  put(9);
  assert.equal(snapshotIndex(), 0);
  put(2);
  const first = snapshotIndex();
  assert.ok(first > 0);
  put(8);
  assert.equal(snapshotIndex(), first);
  put(3);
  assert.ok(snapshotIndex() > first);
});

test('a registration that another node has committed is answered without another commit', () => {
  const { tier, leader } = foundedTier();
  const follower = tier.follower();
  const register = (node: NodeName, command: Command) => tier.ask(node, { type: 'propose', command });
  const whole = registration(1);
  const first = register(leader, whole);
  assert.equal(first.ok && first.value.kind, 'committed');
  const { appliedIndex } = tier.loop(leader).state();
  const more: Command = {
    ...{
      type: 'registration.putTopics',
      name: whole.name,
      address: whole.address,
      topics: [],
      staticTopics: [],
    },
    ...{ dataVersion: whole.dataVersion, complete: true },
  };
  for (const [node, command] of [
    [leader, whole],
    [follower, whole],
    [follower, { ...whole, complete: false }],
    [follower, more],
  ] as const) {
    const again = register(node, command);
    assert.deepEqual(again, { ok: true, value: { kind: 'applied', index: appliedIndex, changed: false } });
  }
  const next = register(follower, registration(1, { dataVersion: version(2) }));
  assert.equal(next.ok && next.value.kind, 'committed');
  assert.equal(tier.loop(leader).state().appliedIndex, appliedIndex + 1);
});

test('a registration that all nodes ask for at once is committed once, and each is told when it is there', () => {
  const { tier, leader } = foundedTier();
  const { appliedIndex } = tier.loop(leader).state();
  const command = registration(1);
  const nodes = PLACES.map(({ node }) => node);
  const tickets = nodes.map((node) => tier.request(node, { type: 'propose', command }));
  assert.ok(tier.runUntil(() => tickets.every((ticket) => tier.reply(ticket) !== null)));
  for (const ticket of tickets) assert.equal(tier.reply(ticket)?.ok, true);
  tier.run(500);
  for (const node of nodes) {
    const state = tier.loop(node).state();
    assert.deepEqual([state.appliedIndex, state.registrations.size], [appliedIndex + 1, 1]);
  }
  // Another one of the same broker does not wait for the first, nor the first for it.
  const others = [version(2), version(3)].map((dataVersion) =>
    tier.request(leader, { type: 'propose', command: registration(1, { dataVersion }) }),
  );
  assert.ok(tier.runUntil(() => others.every((ticket) => tier.reply(ticket) !== null)));
  assert.equal(tier.loop(leader).state().appliedIndex, appliedIndex + 3);
});

test('whoever waits for a registration that another node proposed is told when leadership moves', () => {
  const { tier, leader } = foundedTier();
  for (const { node } of PLACES) {
    tier.cut.add(`${leader}>${node}`);
    tier.cut.add(`${node}>${leader}`);
  }
  const request = { type: 'propose', command: registration(1) } as const;
  const tickets = [tier.request(leader, request), tier.request(leader, request)];
  tier.run(2_000);
  for (const ticket of tickets) {
    const reply = tier.reply(ticket);
    assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'notLeader');
  }
});

test('all nodes restarted at once come back with what was committed', () => {
  const { tier, leader } = foundedTier();
  for (let count = 0; count < 20; count += 1) tier.ask(leader, set(`k${count}`));
  const names = ['pollux-a', 'pollux-b', 'pollux-w'].map(nodeName);
  for (const name of names) tier.crash(name);
  for (const name of names) tier.start(name);
  assert.ok(tier.runUntil(() => names.every((name) => tier.loop(name).state().keyValues.size === 20)));
});

test('leadership is handed over on request', () => {
  const { tier, leader } = foundedTier();
  tier.run(300);
  tier.input(leader, { kind: 'handOver' });
  assert.ok(tier.runUntil(() => tier.leader() !== null && tier.leader() !== leader, 1_000));
});

test('the same seed gives the same course of events', () => {
  const course = (): string => {
    const tier = new LoopHarness({ seed: 7 });
    tier.run(3_000);
    const leader = tier.leader();
    return JSON.stringify([leader, leader === null ? null : tier.loop(leader).status(tier.now)]);
  };
  assert.equal(course(), course());
});

test('a leader whose disk does not answer for an election loses its place, however much it is asked', () => {
  const { tier, leader } = foundedTier();
  tier.stalledDisks.add(leader);
  for (let round = 0; round < 60; round += 1) {
    tier.request(leader, set(`k${round}`));
    tier.run(50);
  }
  const next = tier.leaders().filter((node) => node !== leader);
  assert.equal(next.length, 1);
});

test('while the disk is overdue the inbox is bounded, and a client is told when it is full', () => {
  const { tier, leader } = foundedTier();
  tier.stalledDisks.add(leader);
  tier.request(leader, set('first'));
  tier.run(1_000);
  for (let count = 0; count < LIMITS.inboxInputs; count += 1) tier.input(leader, { kind: 'tick' });
  const reply = tier.reply(tier.request(leader, set('late')));
  assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'overloaded');
});

test('a new leader decides nothing before it has applied what its predecessor committed', () => {
  const { tier, leader } = foundedTier();
  tier.run(200);
  const tail = tier.loop(leader).status(tier.now).lastIndex + 1;
  tier.onSend = (node, message) => {
    // The followers hold the entry; that it is committed they hear from their next leader.
    if (node !== leader || message.kind !== 'raft' || message.message.type !== 'append') return;
    if (message.message.commitIndex < tail) return;
    for (const { node: to } of PLACES) tier.cut.add(`${leader}>${to}`);
  };
  const added = tier.ask(leader, addRequest({ kind: 'http' }));
  assert.ok(added.ok);
  const successor = (): NodeName | null => tier.leaders().find((node) => node !== leader) ?? null;
  const course: string[] = [];
  tier.onEffect = (node, effect) => {
    if (node !== successor()) return;
    if (effect.kind === 'log' && effect.event === 'leadership.taken') course.push('leads');
    if (effect.kind === 'publish' && effect.event.type === 'groupPhase') course.push('applies');
  };
  tier.crash(leader);
  assert.ok(tier.runUntil(() => course.length >= 2));
  assert.deepEqual(course.slice(0, 2), ['applies', 'leads']);
});

test('a leader calls its lease over before the message leaves that lets another be elected, also while it writes', () => {
  const { tier, leader } = foundedTier();
  let handedOver = 0;
  tier.onSend = (node, message) => {
    if (message.kind !== 'raft' || message.message.type !== 'timeoutNow') return;
    handedOver += 1;
    assert.equal(tier.loop(node).isCurrent(tier.now), false);
  };
  tier.stalledDisks.add(leader);
  tier.request(leader, set('being written'));
  tier.request(leader, set('sent ahead'));
  tier.input(leader, { kind: 'handOver' });
  tier.releaseDisk(leader);
  assert.equal(handedOver, 1);
});

test('whoever wants to see a change on the node that was asked is answered once it is applied there', () => {
  const { tier, leader } = foundedTier();
  const follower = tier.follower();
  // Only the follower's own disk keeps it from applying what the others have committed.
  const other = PLACES.find(({ node }) => node !== leader && node !== follower)?.node ?? leader;
  const command = { type: 'keyValue.set', key: 'seen', value: 'v' } as const;
  tier.stalledDisks.add(follower);
  const ticket = tier.request(follower, { type: 'propose', command, untilApplied: true });
  const plain = tier.request(follower, { type: 'propose', command });
  tier.run(200);
  assert.equal(tier.loop(other).state().keyValues.get('seen'), 'v');
  assert.equal(tier.reply(plain)?.ok, true);
  assert.equal(tier.reply(ticket), null);
  tier.releaseDisk(follower);
  tier.runUntil(() => tier.reply(ticket) !== null);
  assert.equal(tier.reply(ticket)?.ok, true);
  assert.equal(tier.loop(follower).state().keyValues.get('seen'), 'v');
});

test('whoever changes a broker set is answered once the change is applied on the node that was asked', () => {
  const { tier, leader } = foundedTier();
  const [cluster, name] = [clusterName('C'), groupName('broker-a')];
  for (const brokerId of [1, 2]) {
    const address = `10.1.0.${brokerId}:10911`;
    const registerCheckCode = `${address};1`;
    const command = {
      type: 'brokerSet.applyId',
      cluster,
      name,
      brokerId,
      registerCheckCode,
      address,
    } as const;
    assert.ok(tier.ask(leader, { type: 'propose', command: { ...command, site: null } }).ok);
    const heartbeat = { epoch: 0, maxOffset: 0n, confirmOffset: 0n, timeoutMs: 10_000, priority: 0 };
    const broker = { cluster, name, address, channel: brokerId, brokerId, zone: null } as const;
    tier.input(leader, { kind: 'broker', heard: { ...broker, ...heartbeat, what: 'heartbeat' } });
  }
  const set = { cluster, name };
  const first = {
    kind: 'electMaster',
    ...set,
    brokerId: 1,
    designated: false,
    unsafe: false,
    by: 'b',
  } as const;
  assert.ok(tier.ask(leader, { type: 'brokerSet', request: first }).ok);
  const follower = tier.follower();
  tier.stalledDisks.add(follower);
  const alter = { kind: 'alterSyncStateSet', ...set, masterBrokerId: 1, masterEpoch: 1 } as const;
  const request = { ...alter, syncStateSet: [1, 2], syncStateSetEpoch: 1 };
  const ticket = tier.request(follower, { type: 'brokerSet', request });
  tier.run(200);
  assert.deepEqual(tier.loop(leader).state().brokerSets.get(name)?.syncStateSet, [1, 2]);
  assert.equal(tier.reply(ticket), null);
  tier.releaseDisk(follower);
  tier.runUntil(() => tier.reply(ticket) !== null);
  assert.equal(tier.reply(ticket)?.ok, true);
  assert.deepEqual(tier.loop(follower).state().brokerSets.get(name)?.syncStateSet, [1, 2]);
});
