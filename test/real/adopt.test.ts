/**
 * A running group is taken over from three real Sentinels while an unmodified client writes, is failed over by pollux, is
 * given back, and is failed over by the Sentinels again. The client has both lists of addresses, as an application has
 * during such a change; no server is restarted for it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import type { GroupDetail } from '../../src/contract/groups.ts';
import { eventually } from '../support/eventually.ts';
import { runPollux } from '../support/pollux-process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { OBSERVER, pictureOf } from '../support/server-picture.ts';
import { startTier, type Tier } from '../support/tier.ts';

const SENTINEL_PASSWORD = 'the-password-of-the-sentinels';
const WAIT_MS = 500;

let tier: Tier;
const orders: RedisServer[] = [];
const stock: RedisServer[] = [];
const sentinels: RedisServer[] = [];
let writer: Writer;

before(async () => {
  const environment = { SENTINELS: SENTINEL_PASSWORD };
  const redis = {
    steeringSecret: { file: 'steering-secret' },
    sentinels: { password: { environment: 'SENTINELS' } },
  };
  tier = await startTier({ configuration: { redis }, environment });
  for (const [servers, count] of [
    [orders, 3],
    [stock, 2],
  ] as const) {
    for (let number = 0; number < count; number += 1) {
      const first = servers[0];
      const follow = first === undefined ? [] : [`replicaof 127.0.0.1 ${first.port}`];
      servers.push(await startRedis({ config: [OBSERVER, 'repl-diskless-sync-delay 0', ...follow] }));
    }
  }
  for (let number = 0; number < 3; number += 1) {
    const watch = (name: string, servers: readonly RedisServer[]): readonly string[] => [
      `sentinel monitor ${name} 127.0.0.1 ${servers[0]?.port} 2`,
      // No machine that stalls for a moment makes them move a master before it is their turn.
      `sentinel down-after-milliseconds ${name} 15000`,
      `sentinel failover-timeout ${name} 6000`,
    ];
    const config = [
      `requirepass ${SENTINEL_PASSWORD}`,
      `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
      ...watch('orders', orders),
      ...watch('stock', stock),
    ];
    sentinels.push(await startRedis({ sentinel: true, config }));
  }
  await eventually('the Sentinels know each other and all slaves', async () =>
    (await Promise.all(sentinels.map(infoOfSentinel))).every(
      (text) =>
        /name=orders,.*slaves=2,sentinels=3/.test(text) && /name=stock,.*slaves=1,sentinels=3/.test(text),
    ),
  );
  writer = startWriter();
});

after(async () => {
  await writer.stop();
  await tier.close();
  await Promise.all([...sentinels, ...orders, ...stock].map((server) => server.stop()));
});

const ofSentinel = (sentinel: RedisServer) => sentinel.client({ password: SENTINEL_PASSWORD });
const infoOfSentinel = (sentinel: RedisServer): Promise<string> => ofSentinel(sentinel).info('sentinel');
const observe = (server: RedisServer, section: string): Promise<string> =>
  server.client({ username: 'observer', password: 'any' }).info(section);

const runIdsOf = async (servers: readonly RedisServer[]): Promise<readonly string[]> => {
  const texts = await Promise.all(servers.map((server) => observe(server, 'server')));
  return texts.map((text) => /run_id:([0-9a-f]{40})/.exec(text)?.[1] ?? '');
};

const group = async (name: string): Promise<GroupDetail> =>
  (await tier.call('GET', `/v1/groups/${name}`)).body as GroupDetail;

const pollux = (...line: readonly string[]) =>
  runPollux(line, { POLLUX_NODES: tier.urls.join(','), POLLUX_TOKEN: tier.token });

const places = (): readonly string[] =>
  [...orders, ...stock].flatMap(({ address }, position) => [
    '--site',
    `${address}=${position % 2 === 0 ? 'idc-a' : 'idc-b'}`,
  ]);

const adopt = (...line: readonly string[]) =>
  pollux('group', 'adopt', '--sentinel', sentinels[0]?.address ?? '', ...line);

const TERMS = ['--policy', 'any-one', '--on-shortage', 'degrade'] as const;

type Writer = {
  /** Keys of writes that a slave had confirmed before they were called acknowledged. */
  readonly acknowledged: Set<string>;
  /** Longest time between two acknowledged writes since it was asked last. */
  longestGapMs(): number;
  stop(): Promise<void>;
};

/** One write after the other through an ordinary client that asks the Sentinels first, and the nodes next. */
function startWriter(): Writer {
  const doors = tier.nodes.map(({ sentinelPort }) => sentinelPort);
  const client = new Redis({
    name: 'orders',
    sentinels: [...sentinels.map(({ port }) => port), ...doors].map((port) => ({ host: '127.0.0.1', port })),
    sentinelPassword: SENTINEL_PASSWORD,
    updateSentinels: false,
    connectTimeout: 500,
    commandTimeout: 2_000,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
    sentinelRetryStrategy: () => 50,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  client.on('error', () => undefined);
  const acknowledged = new Set<string>();
  let lastMs = performance.now();
  let longestMs = 0;
  let goesOn = true;
  const write = async (key: string): Promise<void> => {
    // As one, so that no WAIT is answered for a write that another master took.
    const replies = await client.pipeline().set(key, key).wait(1, WAIT_MS).exec();
    const [set, waited] = replies ?? [];
    if (set?.[0] !== null || waited?.[0] !== null || Number(waited?.[1]) < 1) return;
    acknowledged.add(key);
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  };
  const loop = (async () => {
    for (let number = 0; goesOn; number += 1) {
      await write(`write-${number}`).catch(() => undefined);
      await new Promise((turn) => setTimeout(turn, 5));
    }
  })();
  return {
    acknowledged,
    longestGapMs: () => {
      const gapMs = Math.round(longestMs);
      longestMs = 0;
      return gapMs;
    },
    stop: async () => {
      goesOn = false;
      await loop;
      client.disconnect();
    },
  };
}

const writesGoOn = async (what: string): Promise<void> => {
  const count = writer.acknowledged.size;
  await eventually(`writes go on ${what}`, () => writer.acknowledged.size > count + 20);
};

const missingOn = async (server: RedisServer): Promise<readonly string[]> => {
  const keys = [...writer.acknowledged];
  const values = await server.client().mget(keys);
  return keys.filter((key, at) => values[at] !== key);
};

const serverAt = (servers: readonly RedisServer[], address: string | undefined): RedisServer => {
  const found = servers.find((server) => server.address === address);
  assert.ok(found !== undefined, address);
  return found;
};

const isWhole = async (name: string, members: number): Promise<boolean> => {
  const { phase, syncSets, watchOnly } = await group(name);
  return (
    !watchOnly && phase.kind === 'active' && syncSets.length === 1 && syncSets[0]?.members.length === members
  );
};

/** Without the number of keys, which the writer changes. */
const pictures = async () =>
  (await Promise.all([...orders, ...stock].map(pictureOf))).map((picture) => ({ ...picture, keys: 0 }));

test('a plan says where a server has to be placed, then who is told what, and changes nothing', async () => {
  await writesGoOn('under the Sentinels');
  const before = await pictures();
  const astray = await adopt('--plan');
  assert.equal(astray.code, 1);
  for (const { address } of orders) assert.match(astray.stderr, new RegExp(`--site ${address}=IDC`));
  const planned = await adopt(...TERMS, ...places(), '--plan');
  assert.equal(planned.code, 0, planned.stderr);
  for (const { address } of sentinels) {
    assert.match(planned.stdout, new RegExp(`${address} +[0-9a-f]{8} +SENTINEL REMOVE orders`));
  }
  assert.match(planned.stdout, new RegExp(`SENTINEL MONITOR stock 127\\.0\\.0\\.1 ${stock[0]?.port} 2`));
  assert.doesNotMatch(planned.stdout + planned.stderr, new RegExp(SENTINEL_PASSWORD));
  assert.deepEqual(await pictures(), before);
  assert.equal((await tier.call('GET', '/v1/groups/orders')).status, 404);
  for (const sentinel of sentinels) assert.match(await infoOfSentinel(sentinel), /sentinel_masters:2/);
});

test('beside the Sentinels one is watched first, and is then taken with the other, without a restart', async (t) => {
  writer.longestGapMs();
  const watched = await adopt('--master', 'stock', ...TERMS, ...places(), '--watch-only');
  assert.equal(watched.code, 0, watched.stderr);
  for (const sentinel of sentinels) assert.match(await infoOfSentinel(sentinel), /sentinel_masters:2/);
  assert.equal((await group('stock')).watchOnly, true);
  const added = await pollux('group', 'add', 'orders', '--replica', `${orders[0]?.address}@idc-a`);
  assert.match(added.stderr, /A Sentinel watches the server/);

  const runIds = await runIdsOf([...orders, ...stock]);
  const taken = await adopt(...TERMS, ...places());
  assert.equal(taken.code, 0, taken.stderr);
  for (const sentinel of sentinels) assert.match(await infoOfSentinel(sentinel), /sentinel_masters:0/);
  await eventually('orders is whole', () => isWhole('orders', 2));
  await eventually('stock is whole', () => isWhole('stock', 1));
  assert.deepEqual(await runIdsOf([...orders, ...stock]), runIds);
  assert.equal((await group('orders')).master?.address, orders[0]?.address);
  const logs = tier.nodes.map(({ logFile }) => readFileSync(logFile, 'utf8')).join('');
  assert.equal(logs.match(/a Sentinel was told to stop watching/g)?.length, 2 * sentinels.length);
  assert.ok(!logs.includes(SENTINEL_PASSWORD));
  await writesGoOn('after the takeover');
  t.diagnostic(`longest time between two acknowledged writes: ${writer.longestGapMs()} ms`);
});

test('the master dies: pollux fails over, and nothing acknowledged is lost', async (t) => {
  const [first] = orders as [RedisServer];
  await first.kill();
  const heir = await eventually('pollux has failed over', async () => {
    const { phase, master } = await group('orders');
    return phase.kind === 'active' && master !== null && master.address !== first.address && master.address;
  });
  await writesGoOn('under the new master');
  t.diagnostic(`longest time between two acknowledged writes: ${writer.longestGapMs()} ms`);
  await first.start();
  await eventually('the old master is a member again', () => isWhole('orders', 2));
  assert.deepEqual(await missingOn(serverAt(orders, heir)), []);
});

test('given back, the Sentinels have it again, with every write, and fail it over by themselves', async () => {
  const { master } = await group('orders');
  const reigning = serverAt(orders, master?.address);
  assert.equal((await pollux('group', 'release', 'orders')).code, 0);
  await eventually('both replicas are in step', async () => {
    const texts = await Promise.all(orders.map((server) => observe(server, 'replication')));
    return texts.filter((text) => /role:slave[\s\S]*master_link_status:up/.test(text)).length === 2;
  });
  for (const sentinel of sentinels) {
    const client = ofSentinel(sentinel);
    await client.call('SENTINEL', 'MONITOR', 'orders', '127.0.0.1', String(reigning.port), '2');
    const options = ['down-after-milliseconds', '1500', 'failover-timeout', '6000'];
    await client.call('SENTINEL', 'SET', 'orders', ...options);
  }
  await eventually('the Sentinels know them all', async () =>
    (await Promise.all(sentinels.map(infoOfSentinel))).every((text) => /slaves=2,sentinels=3/.test(text)),
  );
  await writesGoOn('under the Sentinels again');
  await writer.stop();
  assert.deepEqual(await missingOn(reigning), []);
  await reigning.kill();
  await eventually(
    'the Sentinels have failed over',
    async () => {
      const others = orders.filter((server) => server !== reigning);
      const texts = await Promise.all(others.map((server) => observe(server, 'replication')));
      return texts.some((text) => text.includes('role:master'));
    },
    30_000,
  );
});
