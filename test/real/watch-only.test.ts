/**
 * Beside three real Sentinels: the death of a master is judged and written down, the Sentinels act, pollux follows them
 * and touches nothing; then the group is taken over, failed over by pollux, and given back to the Sentinels.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GroupDetail } from '../../src/contract/groups.ts';
import type { HistoryRecordAnswer } from '../../src/contract/history.ts';
import { eventually } from '../support/eventually.ts';
import { runPollux } from '../support/pollux-process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { OBSERVER, pictureOf } from '../support/server-picture.ts';
import { startTier, type Tier } from '../support/tier.ts';

/** What probes ask, and what the connections of replicas, Sentinels and of this test need; all of it only looks. */
const PROBES: readonly string[] = ['info', 'ping', 'hello', 'auth'];

let tier: Tier;
const servers: RedisServer[] = [];
const sentinels: RedisServer[] = [];

before(async () => {
  tier = await startTier();
  for (let number = 0; number < 3; number += 1) {
    const first = servers[0];
    const follow = first === undefined ? [] : [`replicaof 127.0.0.1 ${first.port}`];
    servers.push(await startRedis({ config: [OBSERVER, 'repl-diskless-sync-delay 0', ...follow] }));
  }
  await servers[0]?.client().set('kept', 'as it is');
});

after(async () => {
  await tier.close();
  await Promise.all([...sentinels, ...servers].map((server) => server.stop()));
});

const group = async (): Promise<GroupDetail> =>
  (await tier.call('GET', '/v1/groups/orders')).body as GroupDetail;

const history = async (): Promise<readonly HistoryRecordAnswer[]> =>
  ((await tier.call('GET', '/v1/history')).body as { records: readonly HistoryRecordAnswer[] }).records;

const pollux = (...line: readonly string[]) =>
  runPollux(line, { POLLUX_NODES: tier.urls.join(','), POLLUX_TOKEN: tier.token });

/** Commands that a server has carried out since its figures were reset, refused ones included. */
async function commandsOf(server: RedisServer): Promise<readonly string[]> {
  const client = server.client({ username: 'observer', password: 'any' });
  const text = await client.info('commandstats');
  return [...text.matchAll(/cmdstat_([^:]+):calls=/g)].map(([, name = '']) => name);
}

async function startSentinels(master: RedisServer): Promise<void> {
  for (let number = 0; number < 3; number += 1) {
    sentinels.push(
      await startRedis({
        sentinel: true,
        config: [
          `sentinel monitor orders 127.0.0.1 ${master.port} 2`,
          'sentinel down-after-milliseconds orders 3000',
          'sentinel failover-timeout orders 6000',
        ],
      }),
    );
  }
}

const declared = () => ({
  name: 'orders',
  watchOnly: true,
  policy: 'any-one',
  onShortage: 'degrade',
  replicas: servers.map(({ address }, position) => ({
    site: position === 1 ? 'idc-b' : 'idc-a',
    endpoints: { client: address },
  })),
});

test('watching asks nothing of a server but INFO, and leaves it as it was', async () => {
  const [master] = servers as [RedisServer];
  await eventually('both replicas are in step', async () => {
    const copies = await Promise.all(servers.map((server) => server.client().get('kept')));
    return copies.every((copy) => copy !== null) && /connected_slaves:2/.test(await master.client().info());
  });
  const before = await Promise.all(servers.map((server) => pictureOf(server)));
  for (const server of servers) await server.client().call('CONFIG', 'RESETSTAT');
  const added = await tier.call('POST', '/v1/groups', declared());
  assert.equal(added.status, 201, JSON.stringify(added.body));
  await eventually('its master is seen', async () => (await group()).phase.kind === 'active');
  await eventually('both replicas are seen', async () => (await group()).syncSets[0]?.members.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  for (const server of servers) {
    assert.deepEqual(await server.client().call('ACL', 'LOG'), [], 'no login was refused');
    const ours = (await commandsOf(server)).filter((name) => !PROBES.includes(name));
    // Replicas confirm what they have, and this test resets the figures.
    assert.deepEqual(
      ours.filter((name) => !['replconf', 'config|resetstat', 'acl|log'].includes(name)),
      [],
    );
  }
  assert.deepEqual(await Promise.all(servers.map((server) => pictureOf(server))), before);
  const { watchOnly, master: seen } = await group();
  assert.deepEqual([watchOnly, seen?.replica], [true, 'orders-1']);
});

test('a master dies: what would have been done is written down, the Sentinels do it, and are followed', async () => {
  const [master] = servers as [RedisServer];
  await startSentinels(master);
  await eventually('the Sentinels know each other and both replicas', async () => {
    const ready = sentinels.map(async (sentinel) => {
      const text = await sentinel.client().info('sentinel');
      return /slaves=2,sentinels=3/.test(text);
    });
    return (await Promise.all(ready)).every(Boolean);
  });
  await master.kill();
  await eventually('it is written down', async () =>
    (await history()).some(({ outcome }) => outcome === 'wouldHave'),
  );
  const note = (await history()).find(({ outcome }) => outcome === 'wouldHave');
  assert.match(note?.steps[0]?.detail ?? '', /would have promoted orders-[23] .* nothing was touched/);
  assert.ok(new Set(note?.evidence.map(({ node }) => node)).size >= 2, 'by whom it was confirmed');
  await eventually(
    'the Sentinels have switched, and that is seen',
    async () => (await group()).epoch === 2 && (await group()).phase.kind === 'active',
    60_000,
  );
  const [seen] = (await history()).filter(({ reason }) => reason === 'observed');
  assert.deepEqual([seen?.from, seen?.outcome, seen?.by], ['orders-1', 'completed', 'somebody else']);
  await master.start();
  await eventually(
    'the old master is seen as a slave',
    async () => (await group()).syncSets[0]?.members.length === 2,
    60_000,
  );
});

test('it can be taken over once no Sentinel watches it any more', async () => {
  const refused = await pollux('group', 'take', 'orders');
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr + refused.stdout, /Sentinel/);
  for (const sentinel of sentinels) await sentinel.client().call('SENTINEL', 'REMOVE', 'orders');
  const { master } = await group();
  const planned = await eventually('no Sentinel is connected any more', async () => {
    const plan = await pollux('group', 'take', 'orders', '--plan');
    return plan.code === 0 ? plan : false;
  });
  assert.ok(planned);
  assert.equal((await group()).watchOnly, true);
  const taken = await pollux('group', 'take', 'orders');
  assert.equal(taken.code, 0, taken.stderr);
  // Another node than the one that the command asked may come to know of it a moment later.
  const now = await eventually('every node knows that it reigns', async () => {
    const seen = await group();
    return seen.epoch === 3 && seen;
  });
  assert.deepEqual([now.watchOnly, now.master?.replica], [false, master?.replica]);
  const reigning = servers.find(({ address }) => address === now.master?.address);
  assert.equal(await reigning?.client().get('kept'), 'as it is');
});

const infoOf = (server: RedisServer): Promise<string> =>
  server.client({ username: 'observer', password: 'any' }).info('replication');

const serverAt = (address: string): RedisServer => {
  const found = servers.find((server) => server.address === address);
  assert.ok(found !== undefined, address);
  return found;
};

/** Writes until a master has acknowledged one with so many replicas; returns its key. */
async function acknowledged(server: RedisServer, key: string, replicas = 1): Promise<string> {
  const client = server.client();
  await eventually(`${key} is acknowledged`, async () => {
    await client.set(key, 'written');
    return (await client.wait(replicas, 500)) >= replicas;
  });
  return key;
}

test('it fails over by pollux, is given back, and Sentinels fail it over again; nothing acknowledged is lost', async () => {
  await eventually('its sync set is whole', async () => {
    const { phase, syncSets } = await group();
    return phase.kind === 'active' && syncSets.length === 1 && syncSets[0]?.members.length === 2;
  });
  const reigning = async (): Promise<RedisServer> => {
    const { master } = await group();
    assert.ok(master !== null);
    return serverAt(master.address);
  };
  const first = await reigning();
  // With both: whoever is in the middle of a resync when its master dies has nothing, and the failover is held.
  const kept = [await acknowledged(first, 'before the failover', 2)];
  await first.kill();
  let seen: GroupDetail | null = null;
  await eventually('pollux has failed over', async () => {
    seen = await group();
    return seen.epoch === 4 && seen.phase.kind === 'active';
  }).catch((error: unknown) => assert.fail(`${String(error)}; the group is ${JSON.stringify(seen)}`));
  await first.start();
  await eventually('the old master is a member again', async () => {
    const { syncSets } = await group();
    return syncSets.length === 1 && syncSets[0]?.members.length === 2;
  });
  const second = await reigning();
  kept.push(await acknowledged(second, 'after the failover'));

  const planned = await pollux('group', 'release', 'orders', '--plan');
  assert.equal(planned.code, 0, planned.stderr);
  assert.match(planned.stdout, new RegExp(`SENTINEL MONITOR orders 127.0.0.1 ${second.port} 2`));
  assert.equal((await pollux('group', 'release', 'orders')).code, 0);
  for (const server of servers) {
    await eventually(
      'its file has nothing of pollux',
      () => !/^user (pollux|ns-|repl-|w-)|^replicaof 127.0.0.1 1$/m.test(server.fileText()),
    );
  }
  await eventually('both replicas are in step', async () => {
    const texts = await Promise.all(servers.map(infoOf));
    return texts.filter((text) => /role:slave[\s\S]*master_link_status:up/.test(text)).length === 2;
  });

  const third = servers.find((server) => server !== first && server !== second);
  assert.ok(third !== undefined);
  await third.kill();
  await third.start();
  await eventually('a restarted replica is one again', async () =>
    /link_status:up/.test(await infoOf(third)),
  );
  for (const sentinel of sentinels) {
    const client = sentinel.client();
    await client.call('SENTINEL', 'MONITOR', 'orders', '127.0.0.1', String(second.port), '2');
    await client.call(
      'SENTINEL',
      'SET',
      'orders',
      'down-after-milliseconds',
      '2000',
      'failover-timeout',
      '6000',
    );
  }
  await eventually('the Sentinels know them all', async () => {
    const texts = await Promise.all(sentinels.map((sentinel) => sentinel.client().info('sentinel')));
    return texts.every((text) => /slaves=2,sentinels=3/.test(text));
  });
  kept.push(await acknowledged(second, 'after the release'));
  await second.kill();
  const next = await eventually(
    'the Sentinels have failed over',
    async () => {
      const texts = await Promise.all([first, third].map(infoOf));
      const at = texts.findIndex((text) => text.includes('role:master'));
      return at >= 0 && { at };
    },
    60_000,
  );
  const heir = next.at === 0 ? first : third;
  for (const key of kept) assert.equal(await heir.client().get(key), 'written', key);
});
