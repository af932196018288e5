/**
 * Facts about Redis that failover leans on and that the simulator's model does not know: they are held against a real
 * server only. All others have a script of their own, which the model is held to as well (`redis-model.test.ts`).
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from '../support/redis-server.ts';

async function serverFor(t: TestContext, options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  t.after(() => server.stop());
  return server;
}

const fieldOf = async (server: RedisServer, name: string): Promise<string> => {
  const client = server.client();
  const text = String(await client.info('replication'));
  client.disconnect();
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1] ?? '';
};

test('a rewrite does not persist users where there is an access file', async (t) => {
  const server = await serverFor(t);
  const accessFile = join(server.directory, 'users.acl');
  await server.kill();
  writeFileSync(accessFile, 'user default on nopass ~* &* +@all\n');
  writeFileSync(server.configFile, `${server.fileText()}aclfile ${accessFile}\n`);
  await server.start();
  const client = server.client();
  await client.call('ACL', 'SETUSER', 'later', 'on', 'nopass', '+ping');
  assert.equal(await client.call('CONFIG', 'REWRITE'), 'OK');
  assert.doesNotMatch(server.fileText(), /^user /m);
  assert.doesNotMatch(readFileSync(accessFile, 'utf8'), /^user later /m);
  assert.equal(await client.call('ACL', 'SAVE'), 'OK');
  assert.match(readFileSync(accessFile, 'utf8'), /^user later /m);
});

test('a server that is bound elsewhere refuses a fresh probe while its clients are still served', async (t) => {
  const server = await serverFor(t);
  const client = server.client({ retryStrategy: () => null });
  assert.equal(await client.set('key', 'before'), 'OK');
  assert.equal(await client.call('CONFIG', 'SET', 'bind', '127.0.0.2'), 'OK');
  const fresh = server.client({ retryStrategy: () => null, maxRetriesPerRequest: 0 });
  await assert.rejects(fresh.ping());
  assert.equal(await client.set('key', 'after'), 'OK');
  assert.equal(await client.get('key'), 'after');
});

test('an expiry moves the offset of a master without any write', async (t) => {
  const master = await serverFor(t, { config: ['repl-diskless-sync-delay 0'] });
  const slave = await serverFor(t, { config: [`replicaof 127.0.0.1 ${master.port}`] });
  await eventually('the link is up', async () => (await fieldOf(slave, 'master_link_status')) === 'up');
  const client = master.client();
  // Without pings nothing else moves it.
  await client.call('CONFIG', 'SET', 'repl-ping-replica-period', '3600');
  await client.set('key', 'value', 'PX', 1_000);
  const written = await fieldOf(master, 'master_repl_offset');
  assert.equal(await client.exists('key'), 1);
  assert.equal(await fieldOf(master, 'master_repl_offset'), written);
  await eventually('the key is gone', async () => (await client.dbsize()) === 0);
  assert.ok(BigInt(await fieldOf(master, 'master_repl_offset')) > BigInt(written));
});
