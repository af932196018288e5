/**
 * The operator's page for the day without pollux, run as it is written: its blocks are taken from the page, only what it
 * asks to be filled in is filled in. Real servers, fenced by the real driver, with every node of the tier killed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseGroupKey, replicaId, term } from '../../src/core/primitives/identifiers.ts';
import { createRedisDriver } from '../../src/drivers/redis/redis-driver.ts';
import { systemTimers } from '../../src/platform/system-timers.ts';
import { eventually } from '../support/eventually.ts';
import { type Ground, type GroundServer, isWhole, prepareGround } from '../support/ground.ts';
import { polluxEntry } from '../support/pollux-process.ts';
import { repositoryRoot } from '../support/repository.ts';

const GROUP = 'orders-a';
const PAGE = join(repositoryRoot, 'deploy/redis/break-glass.md');
const WRITES = 200;

/** Text of every shell block of the page, by the name that it carries. */
function blocksOf(page: string): ReadonlyMap<string, string> {
  const found = [...page.matchAll(/^```sh (\w+)\n(.*?)^```$/gms)];
  return new Map(found.map(([, name = '', text = '']) => [name, text]));
}

const blocks = blocksOf(readFileSync(PAGE, 'utf8'));

/** One shell that knows what the page's earlier blocks set; every block has to succeed. */
function createShell({ directory, urls, token }: Ground['tier']) {
  const script: string[] = ['set -euo pipefail', `pollux() { "${process.execPath}" "${polluxEntry}" "$@"; }`];
  const env = { ...process.env, POLLUX_NODES: urls.join(','), POLLUX_TOKEN: token };
  return (
    name: string,
    fill: Readonly<Record<string, string>> = {},
    addresses: ReadonlyMap<string, string> = new Map(),
  ): string => {
    let text = blocks.get(name);
    assert.ok(text, `the page has a block ${name}`);
    for (const [written, meant] of addresses) {
      assert.ok(text.includes(written), `block ${name} names ${written}`);
      text = text.replaceAll(written, meant);
    }
    for (const [variable, value] of Object.entries(fill)) {
      const line = new RegExp(`^${variable}=.*$`, 'm');
      assert.match(text, line, `block ${name} asks for ${variable}`);
      text = text.replace(line, `${variable}="${value}"`);
    }
    const file = join(directory, 'block.sh');
    // What came before sets its variables, and the function, again.
    writeFileSync(file, `${script.join('\n')}\necho '<<<'\n${text}`);
    const printed = execFileSync('bash', [file], { encoding: 'utf8', timeout: 90_000, env });
    if (['settings', 'choose'].includes(name)) script.push(text);
    if (name === 'account') script.push(text.slice(text.indexOf('by_hand()')));
    const answer = printed.slice(printed.lastIndexOf('<<<') + 3);
    assert.doesNotMatch(answer, /ERR|NOPERM|WRONGPASS|NOAUTH|NOREPLICAS|READONLY/, `block ${name}`);
    return answer;
  };
}

async function fenceAll(ground: Ground, servers: readonly GroundServer[]): Promise<void> {
  const steeringSecret = readFileSync(join(ground.tier.directory, 'steering-secret'), 'utf8').trim();
  const driver = createRedisDriver(
    { steeringSecret, admin: null, applicationPassword: null, tls: null },
    {
      clock: { now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }) },
      timers: systemTimers,
      logger: { info: () => undefined, warn: () => undefined },
    },
  );
  for (const [position, { id, redis }] of servers.entries()) {
    const target = {
      group: parseGroupKey(`default/${GROUP}`),
      replica: replicaId(id),
      address: redis.address,
    };
    const action = { kind: 'revoke', killClients: true, prepare: false } as const;
    const { outcome } = await driver.steer({
      steerId: position,
      term: term(1_000_000),
      path: 0,
      target,
      action,
    });
    assert.equal(
      outcome.kind,
      'done',
      JSON.stringify(outcome, (_, value) => String(value)),
    );
  }
  await driver.close();
}

async function writeAcknowledged(server: GroundServer, prefix: string, replicas: number): Promise<string[]> {
  const client = server.redis.client();
  const keys: string[] = [];
  for (let write = 0; write < WRITES; write += 1) {
    const key = `${prefix}-${write}`;
    await client.set(key, '1');
    keys.push(key);
  }
  assert.ok((await client.wait(replicas, 10_000)) >= replicas);
  client.disconnect();
  return keys;
}

const missingOn = async (server: GroundServer, keys: readonly string[]): Promise<string[]> => {
  const client = server.redis.client();
  const values = await client.mget([...keys]);
  client.disconnect();
  return keys.filter((_, position) => values[position] === null);
};

/** The server with the highest offset, as somebody who reads the answer would find it. */
function highestOf(answer: string): string {
  const found = answer
    .split('server:')
    .slice(1)
    .map((text) => ({
      server: text.split('\n')[0]?.trim() ?? '',
      offset: Number(/slave_repl_offset:(\d+)/.exec(text)?.[1] ?? -1),
    }));
  return found.sort((one, other) => other.offset - one.offset)[0]?.server ?? '';
}

test('a fenced group is brought up by hand with pollux gone, and given back to pollux', async () => {
  const ground = await prepareGround({ layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }] });
  try {
    const servers = ground.groups[0]?.servers ?? [];
    const of = (address: string): GroundServer => {
      const found = servers.find(({ redis }) => redis.address === address);
      assert.ok(found, `${address} is a server of the group`);
      return found;
    };
    const [first] = servers;
    assert.ok(first);
    const before = await writeAcknowledged(first, 'before', 2);
    for (const node of ground.tier.nodes) await node.kill();
    await fenceAll(ground, servers);
    for (const { redis } of servers)
      await assert.rejects(redis.client().set('k', '1'), /READONLY|NOREPLICAS/);

    const shell = createShell(ground.tier);
    shell('settings', {
      SECRET_FILE: join(ground.tier.directory, 'steering-secret'),
      PASSWORD: 'of-today',
      SERVERS: servers.map(({ redis }) => redis.address).join(' '),
    });
    shell('account');
    const masterAddress = highestOf(shell('look'));
    const master = of(masterAddress);
    shell('choose', { MASTER: masterAddress });
    shell('fence');
    shell('promote');
    const [written, heldBy] = shell('prove').trim().split('\n');
    assert.deepEqual([written, Number(heldBy) >= 1], ['OK', true], `${written} ${heldBy}`);
    assert.deepEqual(await missingOn(master, before), []);
    const during = await writeAcknowledged(master, 'during', 2);
    for (const server of servers) assert.deepEqual(await missingOn(server, [...before, ...during]), []);

    shell('release');
    for (const node of ground.tier.nodes) await node.start();
    await ground.tier.leader();
    await eventually('the nodes say that they may not steer', async () =>
      (await ground.group(GROUP)).alerts.some(
        ({ code }) => code === 'brokerRefused' || code === 'unprovable',
      ),
    );
    const beside = await writeAcknowledged(master, 'beside', 2);
    shell('forget');
    shell('leave');
    const onPage = ['10.1.0.11:6379', '10.1.0.12:6379', '10.2.0.11:6379'];
    shell('adopt', {}, new Map(servers.map(({ redis }, at) => [onPage[at] ?? '', redis.address])));
    for (const { redis } of servers) assert.doesNotMatch(redis.fileText(), /user by-hand /);
    await eventually('it is whole', async () => isWhole(await ground.group(GROUP)));
    assert.equal((await ground.group(GROUP)).master?.address, masterAddress);
    for (const server of servers)
      assert.deepEqual(await missingOn(server, [...before, ...during, ...beside]), []);
  } finally {
    await ground.close();
  }
});
