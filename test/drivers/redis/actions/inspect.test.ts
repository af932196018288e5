import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Inspection } from '../../../../src/core/failover/steering.ts';
import { infoProblems } from '../../../../src/drivers/redis/actions/inspect.ts';
import { parseInfo } from '../../../../src/drivers/redis/info-report.ts';
import type { RedisDriverOptions } from '../../../../src/drivers/redis/redis-driver.ts';
import { freePort } from '../../../support/ports.ts';
import {
  createTestDriver,
  eventually,
  managedGroup,
  STEERING_SECRET,
  serverFor,
  steer,
  steerDone,
  targetOf,
} from '../../../support/redis-group.ts';
import type { RedisServer } from '../../../support/redis-server.ts';

const INSPECT = { kind: 'inspect' } as const;

async function look(
  t: TestContext,
  server: RedisServer,
  options: Partial<RedisDriverOptions> = {},
): Promise<Inspection> {
  const outcome = await steer(createTestDriver(t, options), targetOf(server, 'a'), INSPECT);
  if (outcome.kind !== 'inspected') assert.fail(outcome.kind === 'failed' ? outcome.detail : outcome.kind);
  return outcome.inspection;
}

const codesOf = (inspection: Inspection): readonly string[] => inspection.problems.map(({ code }) => code);

test('a plain server is fit; looking changes nothing and says what taking it on would', async (t) => {
  const server = await serverFor(t);
  const client = server.client();
  await client.mset('a', '1', 'b', '2');
  const before = [server.fileText(), JSON.stringify(await client.call('ACL', 'LIST'))];
  const inspection = await look(t, server);
  assert.deepEqual(inspection.problems, []);
  assert.equal(inspection.prepared, false);
  assert.equal(inspection.keys, 2n);
  assert.equal(inspection.persistence, 'none');
  assert.equal(inspection.configFile, server.configFile);
  assert.match(inspection.version, /^7\./);
  const changes = inspection.changes.join(', ');
  assert.match(changes, /create user pollux-keeper.*take replication from user default/);
  assert.match(changes, /repl-backlog-ttl 0 \(is 3600\).*replicaof 127.0.0.1 1/);
  assert.deepEqual([server.fileText(), JSON.stringify(await client.call('ACL', 'LIST'))], before);
});

test('a prepared server needs no change, whoever looks', async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0 });
  const outcome = await steer(driver, masterTarget, INSPECT);
  assert.equal(outcome.kind, 'inspected');
  const inspection = outcome.kind === 'inspected' ? outcome.inspection : null;
  assert.equal(inspection?.prepared, true);
  assert.deepEqual(inspection?.changes, []);
  assert.deepEqual(inspection?.problems, []);
  assert.equal(master.fileText().includes('ns-'), false);
});

test('the file of a managed master is never written, not even where its settings were changed', async (t) => {
  const admin = { username: 'operator', password: 'any' };
  const config = ['user operator on nopass ~* &* +@all'];
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0, config, driver: { admin } });
  await master.client(admin).call('CONFIG', 'SET', 'repl-backlog-ttl', '60');
  const text = master.fileText();
  const outcome = await steer(driver, masterTarget, { kind: 'inspect', proveWritable: true });
  assert.equal(outcome.kind === 'inspected' && outcome.inspection.prepared, false);
  assert.equal(master.fileText(), text);
});

test('a server of another steering secret, or with reserved names, is not fit', async (t) => {
  const server = await serverFor(t, { config: ['user operator on nopass ~* &* +@all'] });
  const options = { admin: { username: 'operator', password: 'any' } };
  await server.client().call('ACL', 'SETUSER', 'repl-mine', 'on', 'nopass');
  assert.deepEqual(codesOf(await look(t, server, options)), ['reservedUserNames']);
  await server.client().call('ACL', 'DELUSER', 'repl-mine');
  const revoke = { kind: 'revoke', killClients: false, prepare: true } as const;
  await steerDone(createTestDriver(t, options), targetOf(server, 'a'), revoke);
  assert.deepEqual(codesOf(await look(t, server, options)), []);
  const foreign = { ...options, steeringSecret: `${STEERING_SECRET} of somebody else` };
  assert.deepEqual(codesOf(await look(t, server, foreign)), ['otherSecret']);
});

test('a Sentinel in charge is noticed', async (t) => {
  const server = await serverFor(t);
  await serverFor(t, { sentinel: true, config: [`sentinel monitor mine 127.0.0.1 ${server.port} 1`] });
  const client = server.client();
  await eventually(
    () => client.call('CLIENT', 'LIST'),
    (list) => String(list).includes('sentinel-'),
  );
  const inspection = await look(t, server);
  assert.equal(inspection.watchedBySentinel, true);
  assert.deepEqual(codesOf(inspection), ['watchedBySentinel']);
  // Before a takeover from it the file is proven all the same.
  rmSync(server.directory, { recursive: true });
  const proven = { kind: 'inspect', proveWritable: true } as const;
  const outcome = await steer(createTestDriver(t), targetOf(server, 'a'), proven);
  assert.deepEqual(outcome.kind === 'inspected' && codesOf(outcome.inspection), [
    'watchedBySentinel',
    'notWritable',
  ]);
});

test('a server without a configuration file is not fit', async (t) => {
  const server = await serverFor(t, { withFile: false });
  const inspection = await look(t, server);
  assert.equal(inspection.configFile, null);
  assert.deepEqual(codesOf(inspection), ['noConfigFile']);
});

test('a file that cannot be written is a problem where that has to be proved', async (t) => {
  const server = await serverFor(t);
  const driver = createTestDriver(t);
  rmSync(server.directory, { recursive: true });
  assert.deepEqual(codesOf(await look(t, server)), []);
  const outcome = await steer(driver, targetOf(server, 'a'), { kind: 'inspect', proveWritable: true });
  assert.deepEqual(outcome.kind === 'inspected' && codesOf(outcome.inspection), ['notWritable']);
});

test('persistence is told apart', async (t) => {
  const server = await serverFor(t, { config: ['save 3600 1', 'appendonly yes'] });
  assert.equal((await look(t, server)).persistence, 'both');
});

test('what INFO alone forbids has stable codes', () => {
  const codes = (text: string): readonly string[] => infoProblems(parseInfo(text)).map(({ code }) => code);
  const fit = 'redis_version:7.0.0\nconfig_file:/etc/redis.conf\nrole:master\n';
  assert.deepEqual(codes(fit), []);
  assert.deepEqual(codes(`${fit}redis_version:6.2.14\n`), ['versionTooOld']);
  assert.deepEqual(codes(`${fit}redis_mode:cluster\n`), ['clusterMode']);
  assert.deepEqual(codes(`${fit}config_file:\n`), ['noConfigFile']);
  assert.deepEqual(codes(`${fit}loading:1\n`), ['loading']);
  assert.deepEqual(codes(`${fit}role:slave\nconnected_slaves:1\n`), ['chained']);
});

test('a wrong password, a Sentinel and an address without a server end in a failure with a code', async (t) => {
  const server = await serverFor(t, { config: ['requirepass right'] });
  const sentinel = await serverFor(t, { sentinel: true });
  const detailOf = async (address: string, applicationPassword: string | null): Promise<string> => {
    const driver = createTestDriver(t, { applicationPassword });
    const outcome = await steer(driver, { ...targetOf(server, 'a'), address }, INSPECT);
    return outcome.kind === 'failed' ? `${outcome.reason} ${outcome.detail}` : outcome.kind;
  };
  assert.match(await detailOf(server.address, 'wrong'), /^refused wrongPassword: /);
  assert.match(await detailOf(server.address, null), /^refused wrongPassword: /);
  assert.equal(await detailOf(server.address, 'right'), 'inspected');
  assert.match(await detailOf(sentinel.address, null), /^refused (notADataServer|answeredError): /);
  assert.match(await detailOf(`127.0.0.1:${await freePort()}`, null), /^unreachable unreachable: /);
  assert.match(await detailOf('no address', null), /^unreachable badAddress: /);
});
