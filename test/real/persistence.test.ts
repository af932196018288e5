/**
 * Servers that keep nothing, snapshots or a log of writes, each taken on, failed over, and given back: nothing that was
 * acknowledged is missing, and what is given back is an ordinary group of servers again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, type GroundServer, isWhole, prepareGround, taken } from '../support/ground.ts';

const GROUP = 'orders-a';
const WRITES = 100;

const PERSISTENCE = {
  none: [],
  rdb: ['save 1 1'],
  aof: ['appendonly yes', 'appendfsync always'],
} as const;

async function write(server: GroundServer, prefix: string): Promise<string[]> {
  const client = server.redis.client();
  const keys = Array.from({ length: WRITES }, (_, number) => `${prefix}-${number}`);
  for (const key of keys) await client.set(key, '1');
  assert.equal(await client.wait(2, 10_000), 2);
  client.disconnect();
  return keys;
}

async function missing(server: GroundServer, keys: readonly string[]): Promise<string[]> {
  const client = server.redis.client();
  const values = await client.mget([...keys]);
  client.disconnect();
  return keys.filter((_, position) => values[position] === null);
}

const info = async (server: GroundServer): Promise<string> => {
  const client = server.redis.client();
  const text = await client.info('replication');
  client.disconnect();
  return text;
};

async function failOver(ground: Ground, master: GroundServer): Promise<void> {
  const { epoch } = await ground.group(GROUP);
  await master.redis.kill();
  await eventually('a new reign', async () => {
    const group = await ground.group(GROUP);
    return group.phase.kind === 'active' && group.epoch > epoch;
  });
  await master.redis.start();
  await eventually('the old master is a member again', async () => isWhole(await ground.group(GROUP)));
}

async function giveBack(
  ground: Ground,
  servers: readonly GroundServer[],
  keys: readonly string[],
): Promise<void> {
  const before = (await ground.group(GROUP)).master?.replica;
  taken(await ground.admin.call('topicRemove', { parameters: { topic: 'orders' } }), 'topic remove');
  taken(await ground.admin.call('groupRemove', { parameters: { group: GROUP } }), 'group remove');
  for (const { id, redis } of servers) {
    await eventually(`${id} has no user of pollux any more`, async () => {
      const client = redis.client();
      const users = await client.call('ACL', 'USERS').catch(() => ['not allowed yet']);
      client.disconnect();
      return String(users) === 'default';
    });
  }
  const master = servers.find(({ id }) => id === before);
  const slaves = servers.filter(({ id }) => id !== before);
  assert.ok(master);
  for (const slave of slaves)
    await eventually(`${slave.id} follows as anybody may`, async () =>
      (await info(slave)).includes('master_link_status:up'),
    );
  await write(master, 'given-back');
  const [slave] = slaves;
  assert.ok(slave);
  await slave.redis.kill();
  await slave.redis.start();
  await eventually('a slave that restarts follows its master by its own file', async () =>
    (await info(slave)).includes('master_link_status:up'),
  );
  for (const server of servers) assert.deepEqual(await missing(server, keys), [], server.id);
}

for (const [name, redisConfig] of Object.entries(PERSISTENCE)) {
  test(`persistence ${name}: taken on, failed over and given back without loss`, async () => {
    const ground = await prepareGround({
      layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }],
      redisConfig,
    });
    try {
      const servers = ground.groups[0]?.servers ?? [];
      const masterNow = async (): Promise<GroundServer> => {
        const id = (await ground.group(GROUP)).master?.replica;
        const found = servers.find((server) => server.id === id);
        assert.ok(found);
        return found;
      };
      const first = await masterNow();
      const keys = await write(first, 'before');
      await failOver(ground, first);
      const second = await masterNow();
      assert.notEqual(second.id, first.id);
      keys.push(...(await write(second, 'after')));
      for (const server of servers) assert.deepEqual(await missing(server, keys), [], server.id);
      await giveBack(ground, servers, keys);
    } finally {
      await ground.close();
    }
  });
}
