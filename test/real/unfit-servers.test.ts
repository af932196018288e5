/**
 * Servers that cannot be taken on. Each declaration names one that is fit and one that is not: the refusal says which
 * and why, no group is declared, and neither server is touched. A plan changes nothing even where all are fit.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { runPollux } from '../support/pollux-process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { OBSERVER, pictureOf, type ServerPicture } from '../support/server-picture.ts';
import { startTier, type Tier } from '../support/tier.ts';

/** What the nodes give for the user `default`: right for no server here that wants a password. */
const PASSWORD = 'what-the-nodes-know';

let tier: Tier;
let fit: RedisServer;
const opened: RedisServer[] = [];

const start = async (options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> => {
  const server = await startRedis({ ...options, config: [OBSERVER, ...(options.config ?? [])] });
  opened.push(server);
  return server;
};

before(async () => {
  tier = await startTier();
  fit = await start();
  await fit.client().set('kept', 'as it is');
});

after(async () => {
  await tier.close();
  await Promise.all(opened.map((server) => server.stop()));
});

const declare = (clients: readonly string[], more: object = {}) =>
  tier.call('POST', '/v1/groups', {
    name: 'orders',
    replicas: clients.map((client, position) => ({
      site: position % 2 === 0 ? 'idc-a' : 'idc-b',
      endpoints: { client },
    })),
    ...more,
  });

type Refused = {
  readonly error: { readonly code: string; readonly message: string; readonly field?: string };
};

/** Refused as a whole, in words that match, with nothing declared and `servers` and the fit one as before. */
async function refuses(
  unfit: { readonly address: string; readonly server: RedisServer | null },
  expected: { readonly status: number; readonly code: string; readonly words: RegExp },
): Promise<void> {
  const servers = unfit.server === null ? [fit] : [fit, unfit.server];
  const earlier = await Promise.all(servers.map((server) => pictureOf(server)));
  const answer = await declare([fit.address, unfit.address]);
  const { error } = answer.body as Refused;
  assert.equal(error?.code, expected.code, JSON.stringify(answer.body));
  assert.equal(answer.status, expected.status);
  assert.equal(error.field, 'replicas.1.endpoints.client');
  assert.match(error.message, expected.words);
  assert.deepEqual((await tier.call('GET', '/v1/groups')).body, { groups: [], stale: false });
  const later = await Promise.all(servers.map((server) => pictureOf(server)));
  assert.deepEqual(later, earlier);
}

test('an address at which nobody answers', async () => {
  await refuses(
    { address: '127.0.0.1:1', server: null },
    { status: 502, code: 'brokerUnreachable', words: /127\.0\.0\.1:1 does not answer/ },
  );
});

test('a name that does not resolve', async () => {
  await refuses(
    { address: 'no-such-host.invalid:7101', server: null },
    { status: 502, code: 'brokerUnreachable', words: /no-such-host\.invalid:7101 does not answer/ },
  );
});

test('an address at which something else than Redis answers', async () => {
  await refuses(
    { address: tier.nodes[0].httpUrl.replace('http://', ''), server: null },
    { status: 502, code: 'brokerUnreachable', words: /does not speak the Redis protocol/ },
  );
});

test('a server that is frozen', async () => {
  const server = await start();
  const earlier = await pictureOf(server);
  server.signal('SIGSTOP');
  try {
    const answer = await declare([fit.address, server.address]);
    assert.equal(answer.status, 502, JSON.stringify(answer.body));
    assert.equal((answer.body as Refused).error.code, 'brokerUnreachable');
  } finally {
    server.signal('SIGCONT');
  }
  assert.deepEqual(await pictureOf(server), earlier);
});

test('a server that a Sentinel watches', async () => {
  const server = await start();
  const sentinel = await startRedis({
    sentinel: true,
    config: [`sentinel monitor watched 127.0.0.1 ${server.port} 1`],
  });
  opened.push(sentinel);
  await eventually('the Sentinel has subscribed', async () => {
    const answer = await server.client().call('PUBSUB', 'NUMSUB', '__sentinel__:hello');
    return Array.isArray(answer) && Number(answer[1]) > 0;
  });
  await refuses(
    { address: server.address, server },
    { status: 422, code: 'preflightFailed', words: /A Sentinel watches the server/ },
  );
  await refuses(
    { address: sentinel.address, server: null },
    { status: 502, code: 'brokerRefused', words: /cannot be looked at: notADataServer/ },
  );
});

test('a server that was started without a configuration file', async () => {
  const server = await startRedis({ withFile: false });
  opened.push(server);
  await server.client().call('ACL', 'SETUSER', ...OBSERVER.split(' ').slice(1));
  await refuses(
    { address: server.address, server },
    { status: 422, code: 'preflightFailed', words: /started without a configuration file/ },
  );
});

test('a server whose configuration file cannot be written', async () => {
  const server = await start();
  // Permissions do not stop a test that runs as root; a directory that is gone stops everybody.
  rmSync(server.directory, { recursive: true });
  const earlier = await Promise.all([fit, server].map(pictureOf));
  const answer = await declare([fit.address, server.address]);
  const { error } = answer.body as Refused;
  assert.equal(error?.code, 'preflightFailed', JSON.stringify(answer.body));
  assert.match(error.message, /configuration file .* cannot be written/);
  assert.deepEqual((await tier.call('GET', '/v1/groups')).body, { groups: [], stale: false });
  // The file of the fit one was written as the server runs: its wording may differ.
  const later = await Promise.all([fit, server].map(pictureOf));
  const unfiled = (pictures: readonly ServerPicture[]) =>
    pictures.map((picture) => ({ ...picture, file: null }));
  assert.deepEqual(unfiled(later), unfiled(earlier));
});

test('a server that holds data of its own', async () => {
  const server = await start();
  await server.client().set('other', 'data');
  const earlier = await Promise.all([fit, server].map(pictureOf));
  const chosen = await declare([fit.address, server.address], { preferredMaster: 'orders-1' });
  assert.equal(chosen.status, 422, JSON.stringify(chosen.body));
  assert.match((chosen.body as Refused).error.message, /holds 1 keys that are not a copy/);
  const open = await declare([fit.address, server.address]);
  assert.equal(open.status, 422, JSON.stringify(open.body));
  assert.match((open.body as Refused).error.message, /both hold data/);
  assert.deepEqual(await Promise.all([fit, server].map(pictureOf)), earlier);
});

for (const [what, known] of [
  ['of which the nodes know no password', null],
  ['of which the nodes know a wrong password', PASSWORD],
] as const) {
  test(`a server ${what}`, async () => {
    const server = await start({ config: ['requirepass something-else'] });
    const other =
      known === null
        ? null
        : await startTier({
            configuration: {
              redis: {
                steeringSecret: { environment: 'STEERING' },
                applicationPassword: { environment: 'APPLICATION' },
              },
            },
            environment: { STEERING: 'a-steering-secret-of-another-tier-0123456789', APPLICATION: known },
          });
    const before = tier;
    try {
      if (other !== null) tier = other;
      const earlier = await Promise.all([fit, server].map(pictureOf));
      const answer = await declare([server.address]);
      const { error } = answer.body as Refused;
      assert.equal(error?.code, 'brokerRefused', JSON.stringify(answer.body));
      assert.equal(answer.status, 502);
      assert.match(error.message, /wrongPassword.*redis\.applicationPassword/);
      assert.ok(!error.message.includes(PASSWORD), 'a password is in the message');
      assert.deepEqual(await Promise.all([fit, server].map(pictureOf)), earlier);
    } finally {
      tier = before;
      await other?.close();
    }
  });
}

test('one server under two names', async () => {
  const earlier = await pictureOf(fit);
  const answer = await declare([fit.address, fit.address.replace('127.0.0.1', 'localhost')]);
  assert.equal(answer.status, 422, JSON.stringify(answer.body));
  assert.match((answer.body as Refused).error.message, /is the same server as orders-1/);
  assert.deepEqual(await pictureOf(fit), earlier);
});

test('a plan prints findings, changes and what the layout survives, and changes nothing', async () => {
  const slave = await start();
  const earlier = await Promise.all([fit, slave].map(pictureOf));
  const line = [
    'group',
    'add',
    'orders',
    '--replica',
    `${fit.address}@idc-a`,
    '--replica',
    `${slave.address}@idc-b`,
    '--plan',
  ];
  const environment = { POLLUX_NODES: tier.urls.join(','), POLLUX_TOKEN: tier.token };
  const ended = await runPollux(line, environment);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  assert.match(ended.stdout, /fit: +yes/);
  assert.match(ended.stdout, /first master: +orders-1/);
  assert.match(
    ended.stdout,
    /WOULD CHANGE[\s\S]*orders-1:\n {2}- create user pollux-keeper[\s\S]*orders-2:\n {2}- /,
  );
  assert.match(
    ended.stdout,
    /SURVIVES, with the policy cross-idc, on shortage block[\s\S]*LOST +OUTCOME +WHY/,
  );
  assert.deepEqual(await Promise.all([fit, slave].map(pictureOf)), earlier);

  const unfit = await runPollux(line.with(6, '127.0.0.1:1@idc-b'), environment);
  assert.equal(unfit.code, 1, unfit.stdout + unfit.stderr);
  assert.deepEqual((await tier.call('GET', '/v1/groups')).body, { groups: [], stale: false });
});
