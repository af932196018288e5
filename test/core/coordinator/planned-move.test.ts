import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, KEY } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const switchover = (to: typeof M | null, planOnly = false) =>
  ({ type: 'switchover', group: KEY, to, planOnly, by: 'eve' }) as const;

test('a plan says what would be done and does nothing', () => {
  const tier = adoptedGroup();
  const steered = tier.servers.done.length;
  const reply = tier.ask(switchover(B1, true));
  assert.ok(reply.ok && reply.value.kind === 'movePlan');
  assert.equal(reply.value.from, M);
  assert.equal(reply.value.to, B1);
  assert.equal(reply.value.lagBytes, 0n);
  tier.tier.run(2_000);
  assert.equal(tier.phase(), 'active 1');
  assert.equal(tier.servers.done.length, steered);
});

test('a slave that has everything takes over, and the old master follows it', () => {
  const tier = adoptedGroup();
  tier.servers.write();
  const reply = tier.ask(switchover(B1));
  assert.equal(reply.ok && reply.value.kind, 'moveStarted');
  tier.settled(2, [A2, M]);
  assert.equal(tier.group.master, B1);
  assert.equal(tier.lastRecord.reason, 'switchover');
  assert.equal(tier.lastRecord.by, 'eve');
  assert.equal(tier.servers.of(M).offset, tier.servers.of(B1).offset);
  assert.deepEqual(tier.servers.writable(), [B1]);
});

test('a slave that does not catch up ends the move: writes go on, the asker is told, nothing is fenced', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const asked = tier.tier.request(tier.leader, switchover(B1));
  tier.until(() => tier.servers.of(M).paused, 'paused', 500);
  tier.until(() => tier.tier.reply(asked) !== null, 'answered', 2_000);
  const reply = tier.tier.reply(asked);
  assert.ok(reply !== null && !reply.ok && reply.refusal.code === 'notCaughtUp');
  assert.match(
    reply.refusal.message,
    /writes go on.*b1 did not catch up within 1200 ms and is 10 bytes behind/,
  );
  tier.tier.run(100);
  assert.deepEqual(tier.servers.writable(), [M]);
  assert.equal(tier.phase(), 'active 1');
});

test('refused: an unknown group or replica, the master itself, a second move', () => {
  const tier = adoptedGroup();
  const unknown = tier.ask({ ...switchover(B1), group: 'main/none' as typeof KEY });
  assert.equal(!unknown.ok && unknown.refusal.code, 'unknownGroup');
  const nobody = tier.ask(switchover('nobody' as typeof M));
  assert.equal(!nobody.ok && nobody.refusal.code, 'unknownReplica');
  const same = tier.ask(switchover(M));
  assert.equal(!same.ok && same.refusal.code, 'duplicateName');
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const first = tier.tier.request(tier.leader, switchover(B1));
  const second = tier.ask(switchover(A2));
  assert.equal(!second.ok && second.refusal.code, 'busy');
  tier.until(() => tier.tier.reply(first) !== null, 'answered', 3_000);
});

test('a slave that is no member by its present process is not moved to', () => {
  const tier = adoptedGroup();
  tier.servers.kill(B1);
  tier.settled(1, [A2]);
  const reply = tier.ask(switchover(B1));
  assert.equal(!reply.ok && reply.refusal.code, 'unprovable');
});

test('a master that dies while writes are held back is failed over, and whoever asked for the move is told', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const asked = tier.tier.request(tier.leader, switchover(B1));
  tier.until(() => tier.servers.of(M).paused, 'paused', 500);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  const reply = tier.tier.reply(asked);
  assert.equal(reply !== null && !reply.ok && reply.refusal.code, 'busy');
});

test('a master that falls silent while writes are held back keeps nobody waiting', () => {
  const tier = adoptedGroup({ detectionMs: 60_000 });
  tier.tier.run(60_000);
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const asked = tier.tier.request(tier.leader, switchover(B1));
  tier.until(() => tier.servers.of(M).paused, 'paused', 500);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.tier.reply(asked) !== null, 'answered', 2_000);
});

test('a group that is removed during a move leaves nobody waiting', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const asked = tier.tier.request(tier.leader, switchover(B1));
  tier.until(() => tier.servers.of(M).paused, 'paused', 500);
  assert.equal(tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' }).ok, true);
  const reply = tier.tier.reply(asked);
  assert.match(reply !== null && !reply.ok ? reply.refusal.message : '', /was removed/);
});

test('a leader that loses its place during a move tells whoever asked, and the next one lets writes go on', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const leader = tier.leader;
  const asked = tier.tier.request(leader, switchover(B1));
  tier.until(() => tier.servers.of(M).paused, 'paused', 500);
  tier.isolate(leader);
  tier.until(() => tier.tier.reply(asked) !== null, 'answered', 3_000);
  const reply = tier.tier.reply(asked);
  assert.ok(reply !== null && !reply.ok && ['notLeader', 'timedOut'].includes(reply.refusal.code));
  tier.tier.cut.clear();
  tier.until(
    () => tier.tier.leader() !== null && tier.servers.writable().join() === 'm',
    'writes go on',
    5_000,
  );
  assert.equal(tier.phase(), 'active 1');
});
