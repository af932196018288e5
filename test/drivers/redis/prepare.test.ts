import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SteerOutcome } from '../../../src/core/failover/steering.ts';
import type { RedisDriverOptions } from '../../../src/drivers/redis/redis-driver.ts';
import { freePort } from '../../support/ports.ts';
import {
  createTestDriver,
  eventually,
  managedGroup,
  reportOf,
  STEERING_SECRET,
  serverFor,
  steer,
  steerDone,
  targetOf,
} from '../../support/redis-group.ts';
import type { RedisServer, RedisServerOptions } from '../../support/redis-server.ts';

const PREPARE = { kind: 'revoke', killClients: false, prepare: true } as const;
const GRANT_IN_FILE = /^user (ns-|repl-|w-)/m;

const usersOf = async (server: RedisServer): Promise<string> =>
  JSON.stringify(await server.client({ username: 'operator', password: 'any' }).call('ACL', 'LIST'));

async function prepare(
  t: TestContext,
  serverOptions: RedisServerOptions,
  driverOptions: Partial<RedisDriverOptions> = {},
): Promise<{ server: RedisServer; outcome: SteerOutcome }> {
  const server = await serverFor(t, serverOptions);
  const driver = createTestDriver(t, driverOptions);
  return { server, outcome: await steer(driver, targetOf(server, 'a'), PREPARE) };
}

const detailOf = (outcome: SteerOutcome): string =>
  outcome.kind === 'failed' ? `${outcome.reason} ${outcome.detail}` : outcome.kind;

test('the file never grants, also after grants were in memory and it was prepared again', async (t) => {
  const { driver, master, slaves, masterTarget } = await managedGroup(t);
  for (const server of [master, ...slaves]) {
    assert.doesNotMatch(server.fileText(), GRANT_IN_FILE);
    assert.match(server.fileText(), /^replicaof 127.0.0.1 1$/m);
    assert.match(server.fileText(), /^user pollux-writer off (?!.*#)/m, 'the writer cannot log in');
    assert.doesNotMatch(server.fileText(), /^user default .*\+(psync|replicaof|config|acl)( |$)/m);
    assert.doesNotMatch(server.fileText(), /^(masteruser|masterauth) /m);
  }
  const before = await reportOf(driver, masterTarget);
  const again = await steerDone(driver, masterTarget, PREPARE);
  assert.equal(again.incarnation, before.incarnation);
  assert.doesNotMatch(master.fileText(), GRANT_IN_FILE);
});

test('a steering action that grants does not touch the file', async (t) => {
  const { driver, master, masterTarget, memberIds } = await managedGroup(t, { slaves: 1 });
  const text = master.fileText();
  const { incarnation } = await reportOf(driver, masterTarget);
  await steerDone(driver, masterTarget, {
    kind: 'grant',
    expectedIncarnation: incarnation,
    members: memberIds,
    producer: { syncSetVersion: 9, timeFence: null },
  });
  assert.equal(master.fileText(), text);
});

test('a prepared master without persistence that is killed and restarted costs its replicas nothing', async (t) => {
  const { driver, master, slaves, masterTarget, slaveTargets } = await managedGroup(t, {
    config: ['user operator on nopass ~* &* +@all'],
  });
  const producer = master.client({ username: 'w-1', password: 'any' });
  const writes = producer.pipeline();
  for (let index = 0; index < 2_000; index += 1) writes.set(`key-${index}`, 'value');
  await writes.exec();
  assert.equal(await producer.wait(2, 5_000), 2);
  const before = await reportOf(driver, masterTarget);
  producer.disconnect();
  await master.kill();
  await master.start();
  const fenced = await reportOf(driver, masterTarget);
  assert.notEqual(fenced.incarnation, before.incarnation);
  assert.equal(fenced.role, 'slave');
  const returned = master.client();
  await assert.rejects(returned.set('a', '1'), /READONLY/);
  await assert.rejects(returned.wait(1, 100), /WAIT cannot be used with replica/, 'it acknowledges nothing');
  const operator = master.client({ username: 'operator', password: 'any' });
  await eventually(
    () => operator.call('ACL', 'LOG').then(String),
    (log) => log.includes('repl-r1') && log.includes('repl-r2'),
  );
  for (const [index, target] of slaveTargets.entries()) {
    const report = await reportOf(driver, target);
    assert.equal(report.follows?.linkUp, false, 'it was turned away');
    assert.equal(report.lineage, before.lineage);
    assert.equal(await slaves[index]?.client().dbsize(), 2_000);
  }
  await assert.rejects(
    master.client({ username: 'w-1', password: 'any', retryStrategy: null }).ping(),
    /WRONGPASS|closed/,
  );
});

test('applications keep what they had; replication and administration are gone', async (t) => {
  const { server, outcome } = await prepare(t, { config: ['user default on nopass ~* &* +@all -lastsave'] });
  assert.equal(outcome.kind, 'done', detailOf(outcome));
  const client = server.client();
  for (const command of [
    ['CLIENT', 'LIST'],
    ['ROLE'],
    ['INFO'],
    ['CLIENT', 'SETNAME', 'app'],
    ['SLOWLOG', 'GET'],
  ]) {
    const [name = '', ...args] = command;
    await client.call(name, ...args);
  }
  for (const command of [
    ['PSYNC', '?', '-1'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['CONFIG', 'REWRITE'],
    ['CONFIG', 'GET', 'masterauth'],
    ['ACL', 'LIST'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['CLIENT', 'PAUSE', '1'],
    ['SHUTDOWN'],
    ['FAILOVER'],
    ['LASTSAVE'],
  ]) {
    const [name = '', ...args] = command;
    await assert.rejects(client.call(name, ...args), /NOPERM/, command.join(' '));
  }
});

test('an access file takes the users, the configuration file the fence', async (t) => {
  const server = await serverFor(t);
  const accessFile = join(server.directory, 'users.acl');
  await server.kill();
  writeFileSync(accessFile, 'user default on nopass ~* &* +@all\nuser operator on nopass ~* &* +@all\n');
  writeFileSync(server.configFile, `${server.fileText()}aclfile ${accessFile}\n`);
  await server.start();
  const driver = createTestDriver(t);
  const target = targetOf(server, 'a');
  const report = await steerDone(driver, target, PREPARE);
  const users = readFileSync(accessFile, 'utf8');
  assert.match(users, /^user pollux-keeper on /m);
  assert.match(users, /^user pollux-probe on /m);
  assert.match(users, /^user operator .*-psync/m);
  assert.doesNotMatch(users, GRANT_IN_FILE);
  assert.doesNotMatch(server.fileText(), /^user /m);
  await server.kill();
  await server.start();
  const restarted = await reportOf(driver, target);
  assert.notEqual(restarted.incarnation, report.incarnation);
  assert.equal(restarted.follows?.address, '127.0.0.1:1');
  await steerDone(driver, target, { kind: 'revoke', killClients: false, prepare: false });
});

test('a server whose file cannot be written is refused before anything is changed', async (t) => {
  const admin = { username: 'operator', password: 'any' };
  const config = ['user operator on nopass ~* &* +@all'];
  const withoutFile = await serverFor(t, { withFile: false });
  await withoutFile.client().call('ACL', 'SETUSER', 'operator', 'on', 'nopass', '~*', '&*', '+@all');
  const before = await usersOf(withoutFile);
  const outcome = await steer(createTestDriver(t, { admin }), targetOf(withoutFile, 'a'), PREPARE);
  assert.match(detailOf(outcome), /^refused noConfigFile: /);
  assert.equal(await usersOf(withoutFile), before);
  assert.match(await withoutFile.client().info('replication'), /role:master/);

  const other = await serverFor(t, { config });
  await steer(createTestDriver(t, { admin }), targetOf(other, 'a'), PREPARE);
  const foreign = createTestDriver(t, { admin, steeringSecret: `${STEERING_SECRET} of somebody else` });
  assert.match(detailOf(await steer(foreign, targetOf(other, 'a'), PREPARE)), /^refused otherSecret: /);
});

test('a fence that could not be written leaves the server fenced and not prepared', async (t) => {
  const server = await serverFor(t, { config: ['user operator on nopass ~* &* +@all'] });
  const driver = createTestDriver(t, { admin: { username: 'operator', password: 'any' } });
  const target = targetOf(server, 'a');
  await steerDone(driver, target, PREPARE);
  rmSync(server.directory, { recursive: true });
  assert.match(detailOf(await steer(driver, target, PREPARE)), /^refused notWritable: CONFIG REWRITE: /);
  const looked = await steer(driver, target, { kind: 'inspect' });
  assert.equal(looked.kind === 'inspected' && looked.inspection.prepared, false);
  assert.equal(looked.kind === 'inspected' && looked.inspection.report.follows?.address, '127.0.0.1:1');
});

test('without prepare, a server that was never taken on is refused and left alone', async (t) => {
  const server = await serverFor(t);
  const outcome = await steer(createTestDriver(t), targetOf(server, 'a'), { ...PREPARE, prepare: false });
  assert.match(detailOf(outcome), /^refused notPrepared: /);
  assert.match(await server.client().info('replication'), /role:master/);
});

test('wrong password and a closed port end in a failure with a code', async (t) => {
  const { outcome } = await prepare(t, { config: ['requirepass right'] }, { applicationPassword: 'wrong' });
  assert.match(detailOf(outcome), /^refused wrongPassword: /);
  const right = await prepare(t, { config: ['requirepass right'] }, { applicationPassword: 'right' });
  assert.equal(right.outcome.kind, 'done', detailOf(right.outcome));
  assert.equal(await right.server.client({ password: 'right' }).ping(), 'PONG', 'default keeps its password');
  const nowhere = { ...targetOf(right.server, 'a'), address: `127.0.0.1:${await freePort()}` };
  assert.match(detailOf(await steer(createTestDriver(t), nowhere, PREPARE)), /^unreachable unreachable: /);
});

test('replicas that were attached as default before are cut off when their master is taken on', async (t) => {
  const master = await serverFor(t, { config: ['repl-diskless-sync-delay 0'] });
  const replica = await serverFor(t, { config: [`replicaof 127.0.0.1 ${master.port}`] });
  const driver = createTestDriver(t);
  const replicaTarget = targetOf(replica, 'b');
  await reportOf(driver, replicaTarget, (report) => report.follows?.linkUp === true);
  const report = await steerDone(driver, targetOf(master, 'a'), PREPARE);
  assert.equal(report.connectedSlaves, 0);
  await reportOf(driver, replicaTarget, (found) => found.follows?.linkUp === false);
});
