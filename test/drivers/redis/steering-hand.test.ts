import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { term } from '../../../src/core/primitives/identifiers.ts';
import { steeringUser } from '../../../src/drivers/redis/access-rules.ts';
import { derivePassword } from '../../../src/drivers/redis/derived-passwords.ts';
import {
  createTestDriver,
  managedGroup,
  reportOf,
  STEERING_SECRET,
  steer,
  steerDone,
} from '../../support/redis-group.ts';

const PAUSE = { kind: 'pauseWrites', forMs: 1 } as const;
const REVOKE = { kind: 'revoke', killClients: false, prepare: false } as const;

const reasonOf = (outcome: Awaited<ReturnType<typeof steer>>): string =>
  outcome.kind === 'failed' ? outcome.reason : outcome.kind;

test("a newer term's hand cuts the older one off, which cannot come back", async (t) => {
  const { driver: older, masterTarget } = await managedGroup(t, { slaves: 0 });
  const newer = createTestDriver(t);
  await steerDone(older, masterTarget, PAUSE, 1);
  await steerDone(newer, masterTarget, PAUSE, 2);
  // The older leader's connection was reset; what it says next may only fail.
  assert.match(reasonOf(await steer(older, masterTarget, REVOKE, 1)), /unreachable|superseded/);
  assert.equal(reasonOf(await steer(older, masterTarget, REVOKE, 1)), 'superseded');
  assert.equal((await reportOf(newer, masterTarget)).role, 'master');
  await steerDone(newer, masterTarget, PAUSE, 2);
});

test("a deposed leader's command that is still on its way fails", async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0 });
  const username = steeringUser({ term: term(1), path: 0 });
  const credentials = { username, password: derivePassword(STEERING_SECRET, username), retryStrategy: null };
  const deposed = master.client(credentials);
  assert.match(String(await deposed.call('CONFIG', 'GET', 'port')), /port/);
  const ended = new Promise((resolve) => deposed.once('end', resolve));
  await steerDone(driver, masterTarget, PAUSE, 7);
  await ended;
  await assert.rejects(deposed.call('REPLICAOF', '127.0.0.1', '1'));
  await assert.rejects(master.client(credentials).call('REPLICAOF', '127.0.0.1', '1'));
  assert.equal((await reportOf(driver, masterTarget)).role, 'master');
});

test('a term older than the newest that this node was asked for never reaches a server', async (t) => {
  const { driver, masterTarget, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [slave] = slaveTargets;
  assert.ok(slave);
  await steerDone(driver, masterTarget, PAUSE, 3);
  assert.equal(reasonOf(await steer(driver, slave, REVOKE, 2)), 'superseded');
  assert.equal((await reportOf(driver, slave)).follows?.linkUp, true);
});

test('an action that is under way ends when a newer term is asked for', async (t) => {
  const { driver, masterTarget, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [slave] = slaveTargets;
  assert.ok(slave);
  const [older, newer] = await Promise.all([
    steer(driver, slave, REVOKE, 4),
    steer(driver, masterTarget, PAUSE, 5),
  ]);
  assert.equal(reasonOf(older), 'superseded');
  assert.equal(reasonOf(newer), 'done');
});

test("after a restart of the server the term's user is made anew", async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0 });
  await steerDone(driver, masterTarget, PAUSE, 2);
  await master.kill();
  await master.start();
  const report = await steerDone(driver, masterTarget, REVOKE, 2);
  assert.equal(report.role, 'slave');
});

test('the keeper can make users and nothing else', async (t) => {
  const { master } = await managedGroup(t, { slaves: 0 });
  const keeper = master.client({
    username: 'pollux-keeper',
    password: derivePassword(STEERING_SECRET, 'pollux-keeper'),
  });
  assert.equal(await keeper.call('ACL', 'WHOAMI'), 'pollux-keeper');
  for (const command of [
    ['REPLICAOF', 'NO', 'ONE'],
    ['CONFIG', 'REWRITE'],
    ['GET', 'a'],
    ['INFO'],
    ['CLIENT', 'LIST'],
  ]) {
    const [name = '', ...args] = command;
    await assert.rejects(keeper.call(name, ...args), /NOPERM/, command.join(' '));
  }
});

test('what went another way to the server in the same term is silenced by the later way', async (t) => {
  const { driver: earlier, masterTarget } = await managedGroup(t, { slaves: 0 });
  const later = createTestDriver(t);
  await steerDone(earlier, masterTarget, PAUSE, 1);
  assert.equal(reasonOf(await steer(later, masterTarget, PAUSE, 1, 5)), 'done');
  assert.match(reasonOf(await steer(earlier, masterTarget, REVOKE, 1)), /unreachable|superseded/);
  assert.equal(reasonOf(await steer(earlier, masterTarget, REVOKE, 1)), 'superseded');
  assert.equal((await reportOf(later, masterTarget)).role, 'master');
});

test('an earlier connection of the same hand can do nothing once there is a new one', async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0 });
  await steerDone(driver, masterTarget, PAUSE, 1);
  const username = steeringUser({ term: term(1), path: 0 });
  const credentials = { username, password: derivePassword(STEERING_SECRET, username), retryStrategy: null };
  const earlier = master.client(credentials);
  assert.match(String(await earlier.call('CONFIG', 'GET', 'port')), /port/);
  const ended = once(earlier, 'end', { signal: AbortSignal.timeout(10_000) });
  await steerDone(createTestDriver(t), masterTarget, PAUSE, 1);
  await ended;
  await assert.rejects(earlier.call('REPLICAOF', '127.0.0.1', '1'));
  assert.equal((await reportOf(driver, masterTarget)).role, 'master');
});
