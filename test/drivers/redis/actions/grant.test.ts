import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimeFence } from '../../../../src/core/failover/steering.ts';
import { incarnation } from '../../../../src/core/primitives/identifiers.ts';
import { grantChange } from '../../../../src/drivers/redis/actions/context.ts';
import { eventually, managedGroup, reportOf, steer, steerDone } from '../../../support/redis-group.ts';

const settings = {
  steeringSecret: 'secret',
  tls: null,
  owner: null,
  adminUsername: null,
  applicationPassword: null,
  blackhole: { host: '127.0.0.1', port: 1 },
};

test('a grant removes what is too much and leaves other users alone', () => {
  const users = ['default', 'app', 'ns-3', 'repl-old', 'w-1', 'w-2', 'pollux-probe'];
  const change = grantChange(settings, users, [], { syncSetVersion: 2, timeFence: null });
  assert.deepEqual(change.removals, [
    ['ACL', 'SETUSER', 'default', '-psync', '-sync', '-replconf'],
    ['ACL', 'SETUSER', 'app', '-psync', '-sync', '-replconf'],
    ['ACL', 'DELUSER', 'repl-old', 'w-1'],
  ]);
  assert.deepEqual(
    change.additions.map((command) => command[2]),
    ['w-2'],
  );
});

test('a member that is left out loses its link for good, the others and the new producers go on', async (t) => {
  const { driver, master, masterTarget, slaveTargets, memberIds } = await managedGroup(t);
  const [kept, removed] = slaveTargets;
  assert.ok(kept && removed);
  const { incarnation: expectedIncarnation } = await reportOf(driver, masterTarget);
  const oldProducer = master.client({ username: 'w-1', password: 'any', retryStrategy: null });
  await oldProducer.ping();
  const ended = new Promise((resolve) => oldProducer.once('end', resolve));
  const report = await steerDone(driver, masterTarget, {
    kind: 'grant',
    expectedIncarnation,
    members: memberIds.slice(0, 1),
    producer: { syncSetVersion: 2, timeFence: null },
  });
  assert.equal(report.connectedSlaves, 1);
  await ended;
  await reportOf(driver, removed, (found) => found.follows?.linkUp === false);
  const producer = master.client({ username: 'w-2', password: 'any' });
  await producer.set('a', '1');
  assert.equal(await producer.wait(2, 1_500), 1, 'only the member acknowledges');
  assert.equal((await reportOf(driver, kept)).follows?.linkUp, true);
});

const OPERATOR = { username: 'operator', password: 'any' };

test('a replica that somebody attached by hand is cut off', async (t) => {
  const { driver, master, masterTarget, slaves, memberIds } = await managedGroup(t, {
    slaves: 1,
    config: ['user operator on nopass ~* &* +@all'],
  });
  const [stranger] = slaves;
  assert.ok(stranger);
  const rules = ['ACL', 'SETUSER', 'operator', '+@all'] as const;
  for (const server of [master, stranger]) await server.client(OPERATOR).call(...rules);
  const operator = stranger.client(OPERATOR);
  await operator.call('REPLICAOF', '127.0.0.1', '1');
  await operator.call('CONFIG', 'SET', 'masteruser', 'operator', 'masterauth', 'any');
  await operator.call('REPLICAOF', '127.0.0.1', String(master.port));
  const watcher = master.client();
  await eventually(
    () => watcher.info('replication'),
    (text) => /state=online/.test(text),
  );
  const { incarnation: expectedIncarnation } = await reportOf(driver, masterTarget);
  const report = await steerDone(driver, masterTarget, {
    kind: 'grant',
    expectedIncarnation,
    members: memberIds,
    producer: { syncSetVersion: 1, timeFence: null },
  });
  assert.equal(report.connectedSlaves, 0);
});

test('another process is granted nothing', async (t) => {
  const { driver, masterTarget } = await managedGroup(t, { slaves: 0 });
  const outcome = await steer(driver, masterTarget, {
    kind: 'grant',
    expectedIncarnation: incarnation('other'),
    members: [],
    producer: null,
  });
  assert.equal(outcome.kind === 'failed' && outcome.reason, 'mismatch');
});

test('a master stops for a client that never waits, once too few slaves are left, and a grant can change that', async (t) => {
  const { driver, master, masterTarget, slaves, memberIds } = await managedGroup(t);
  const [first, second] = slaves;
  assert.ok(first && second);
  const { incarnation: expectedIncarnation } = await reportOf(driver, masterTarget);
  const grantWith = (timeFence: TimeFence | null) =>
    steerDone(driver, masterTarget, {
      kind: 'grant',
      expectedIncarnation,
      members: memberIds,
      producer: { syncSetVersion: 1, timeFence },
    });
  const naive = master.client();
  // A master counts its slaves once a second, by what they said of themselves in the seconds before.
  const isTaken = (key: string) =>
    eventually(
      () => naive.set(key, '1').catch((error: Error) => error.message),
      (answer) => answer === 'OK',
    );
  await grantWith({ minimumSlaves: 2, maximumLagSeconds: 1 });
  await isTaken('with both');
  await second.kill();
  await eventually(
    () => naive.set('with one', '1').catch((error: Error) => error.message),
    (answer) => answer.startsWith('NOREPLICAS'),
  );
  await grantWith({ minimumSlaves: 1, maximumLagSeconds: 1 });
  await isTaken('one is enough');
  process.kill(first.pid(), 'SIGSTOP');
  const stoppedMs = performance.now();
  await eventually(
    () => naive.set('with a silent one', '1').catch((error: Error) => error.message),
    (answer) => answer.startsWith('NOREPLICAS'),
  );
  const tookMs = performance.now() - stoppedMs;
  assert.ok(tookMs < 3_500, `it went on for ${tookMs} ms`);
  await grantWith(null);
  await naive.set('without a fence', '1');
  process.kill(first.pid(), 'SIGCONT');
});
