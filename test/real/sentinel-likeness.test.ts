/**
 * The same requests to a real Sentinel and to the door of a real node, both with a master and two slaves that are well:
 * replies are compared word by word, in both protocols, with what must differ (ports, run ids, ages) put aside. Every
 * difference that is allowed is written down with its reason, and one that does not occur any more fails.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, prepareGround } from '../support/ground.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const MASTER = 'orders-a';
const SITES = ['idc-a', 'idc-a', 'idc-b'] as const;
const QUIET_MS = 150;
const PATIENCE_MS = 20_000;

let ground: Ground;
const servers: RedisServer[] = [];
let sentinelPort = 0;
let doorPort = 0;
let realMaster: RedisServer;

before(async () => {
  ground = await prepareGround({
    layout: [{ group: MASTER, sites: SITES }],
    policy: 'any-one',
    // What is monitored by its address alone stands in the IDC of its range.
    tier: { configuration: { addressRanges: [{ range: '127.0.0.0/8', idc: 'idc-b' }] } },
  });
  realMaster = await startRedis();
  servers.push(realMaster);
  for (let slave = 0; slave < SITES.length - 1; slave += 1) {
    servers.push(await startRedis({ config: [`replicaof 127.0.0.1 ${realMaster.port}`] }));
  }
  const sentinels: RedisServer[] = [];
  for (let one = 0; one < 3; one += 1) {
    const sentinel = await startRedis({
      sentinel: true,
      config: [
        `sentinel monitor ${MASTER} 127.0.0.1 ${realMaster.port} 2`,
        `sentinel down-after-milliseconds ${MASTER} 1000`,
      ],
    });
    servers.push(sentinel);
    sentinels.push(sentinel);
  }
  sentinelPort = sentinels[0]?.port ?? 0;
  doorPort = ground.tier.nodes[0].sentinelPort;
  await eventually('the Sentinels know each other and both slaves, and the slaves are linked', async () => {
    const text = await exchange(sentinelPort, [
      ['SENTINEL', 'MASTER', MASTER],
      ['SENTINEL', 'REPLICAS', MASTER],
    ]);
    const knowsAll = /num-slaves\r\n\$1\r\n2\r\n[\s\S]*num-other-sentinels\r\n\$1\r\n2\r\n/.test(text);
    return knowsAll && text.split('master-link-status\r\n$2\r\nok').length === 3;
  });
  await eventually('both slaves have caught up', async () =>
    (await ground.group(MASTER)).replicas.every(({ caughtUp }) => caughtUp),
  );
});

after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await ground.close();
});

const encoded = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** Everything that is answered to these requests on a connection of their own, until it is quiet after so many lines. */
async function exchange(
  port: number,
  requests: readonly (readonly string[])[],
  fewestLines = 1,
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  let lastMs = performance.now();
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
    lastMs = performance.now();
  });
  socket.on('error', () => undefined);
  socket.write(requests.map(encoded).join(''));
  const deadlineMs = performance.now() + PATIENCE_MS;
  const isQuiet = (): boolean =>
    text.split('\r\n').length > fewestLines && performance.now() - lastMs >= QUIET_MS;
  while (!isQuiet() && performance.now() < deadlineMs) {
    await new Promise((turn) => setTimeout(turn, 10));
  }
  socket.destroy();
  return text;
}

/** Fields of ours behind those of a Sentinel; the README of the door has them. */
const OUR_FIELDS = new Set(['idc', 'group-epoch', 'policy', 'wait-count', 'sync-set-member']);
/** Numbers that say how long ago, how far, or which of many. */
const VARYING = new Set([
  'last-ok-ping-reply',
  'last-ping-reply',
  'info-refresh',
  'role-reported-time',
  'slave-repl-offset',
  'last-hello-message',
  'config-epoch',
  'link-refcount',
]);

/** Records without our own fields, and whatever is this run's alone as a word. */
function comparable(text: string): readonly string[] {
  const lines = text.split('\r\n');
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    // Which of many clients one is.
    if (lines[at - 1] === 'id' && /^:\d+$/.test(lines[at] ?? '')) continue;
    const line = lines[at] ?? '';
    const [name, value] = [lines[at + 1] ?? '', lines[at + 3] ?? ''];
    if (/^\$\d+$/.test(line) && OUR_FIELDS.has(name)) {
      at += 3;
      continue;
    }
    if (/^\$\d+$/.test(line) && VARYING.has(name)) {
      assert.match(value, /^-?\d+$/, `${name} is a number`);
      kept.push(name, 'a number');
      at += 3;
      continue;
    }
    // A length says nothing that the text behind it does not; a count of fields differs by ours.
    if (/^\$\d+$/.test(line)) continue;
    kept.push(
      line
        .replace(/^[*%](1[4-9]|[2-5][0-9])$/, 'a record')
        .replace(/^[0-9a-f]{40}$/, 'an id')
        .replace(/127\.0\.0\.1:\d+/g, 'an address')
        .replace(/^\d{4,5}$/, 'a port'),
    );
  }
  return kept;
}

const own = (port: number): readonly string[] => ['127.0.0.1', String(port)];

const ALIKE: readonly (readonly string[])[] = [
  ['PING'],
  ['PING', 'x'],
  ['HELLO'],
  ['HELLO', '2'],
  ['HELLO', '4'],
  ['HELLO', 'x'],
  ['HELLO', '3', 'NOPE'],
  ['HELLO', '3', 'SETNAME', 'me'],
  ['HELLO', '3', 'AUTH', 'u', 'p'],
  ['AUTH', 'x'],
  ['AUTH', 'u', 'p'],
  ['ROLE'],
  ['SENTINEL'],
  ['SENTINEL', 'NOPE'],
  ['sentinel', 'master'],
  ['SENTINEL', 'MASTER', 'nobody'],
  ['SENTINEL', 'MASTER', MASTER],
  ['SENTINEL', 'MASTERS'],
  ['SENTINEL', 'REPLICAS', MASTER],
  ['SENTINEL', 'SLAVES', MASTER],
  ['SENTINEL', 'REPLICAS', 'nobody'],
  ['SENTINEL', 'SENTINELS', MASTER],
  ['SENTINEL', 'SENTINELS', 'nobody'],
  ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER],
  ['SENTINEL', 'get-master-addr-by-name', 'nobody'],
  ['SENTINEL', 'CKQUORUM', 'nobody'],
  ['SENTINEL', 'CKQUORUM', MASTER],
  ['SENTINEL', 'FAILOVER', 'nobody'],
  ['SENTINEL', 'MYID'],
  ['SENTINEL', 'PENDING-SCRIPTS'],
  ['SENTINEL', 'RESET', 'nobody'],
  ['SENTINEL', 'REMOVE', 'nobody'],
  ['SENTINEL', 'SET', 'nobody', 'quorum', '1'],
  ['SENTINEL', 'SET', MASTER, 'quorum'],
  ['SENTINEL', 'MONITOR'],
  ['SENTINEL', 'MONITOR', 'x', '127.0.0.1', '6379'],
  ['SENTINEL', 'MONITOR', MASTER, '127.0.0.1', '6379', '2'],
  ['SENTINEL', 'MONITOR', MASTER, '127.0.0.1', '99999', '2'],
  ['SENTINEL', 'MONITOR', MASTER, '127.0.0.1', '6379', '0'],
  ['SENTINEL', 'MONITOR', 'x', '127.0.0.1', '-1', '2'],
  ['SENTINEL', 'MONITOR', 'x', '127.0.0.1', 'port', '2'],
  ['SENTINEL', 'MONITOR', 'x', '127.0.0.1', '6379', '-1'],
  ['SENTINEL', 'MONITOR', 'x', '127.0.0.1', '6379', 'quorum'],
  ['SENTINEL', 'MONITOR', 'x', 'nobody.invalid', '6379', '2'],
  ['SENTINEL', 'FLUSHCONFIG'],
  ['CLIENT', 'GETNAME'],
  ['CLIENT', 'SETNAME', 'a b'],
  ['CLIENT', 'SETNAME', 'a'],
  ['CLIENT', 'NOPE'],
  ['CLIENT', 'KILL'],
  ['CLIENT', 'KILL', 'nope'],
  ['CLIENT', 'KILL', 'TYPE', 'nope'],
  ['CLIENT', 'KILL', 'TYPE', 'replica'],
  ['CLIENT', 'KILL', 'TYPE', 'replica', 'SKIPME', 'no', 'ID', '1'],
  ['CLIENT', 'KILL', 'TYPE', 'replica', 'SKIPME'],
  ['CLIENT', 'KILL', 'TYPE', 'replica', 'SKIPME', 'nope'],
  ['CLIENT', 'KILL', 'ID', '0'],
  ['CLIENT', 'KILL', 'nope', 'x'],
  ['CLIENT', 'LIST', 'TYPE', 'nope'],
  ['CLIENT', 'LIST', 'TYPE', 'replica'],
  ['CLIENT', 'LIST', 'ID', '999999'],
  ['CLIENT', 'LIST', 'ID', 'x'],
  ['CLIENT', 'LIST', 'nope'],
  ['CLIENT', 'NO-EVICT', 'ON'],
  ['CLIENT', 'NO-EVICT', 'nope'],
  ['CLIENT', 'TRACKING', 'ON'],
  ['CLIENT', 'TRACKING', 'OFF'],
  ['CLIENT', 'TRACKING', 'nope'],
  ['CLIENT', 'GETREDIR'],
  ['CLIENT', 'UNBLOCK', '999999'],
  ['CLIENT', 'UNBLOCK', 'x'],
  ['CLIENT', 'KILL', 'ID', '999999'],
  ['ACL', 'WHOAMI'],
  ['PUBLISH', 'a', 'b'],
  ['SUBSCRIBE'],
  ['SUBSCRIBE', 'a', 'b'],
  ['PSUBSCRIBE', 'a*'],
  ['UNSUBSCRIBE'],
  ['PUNSUBSCRIBE'],
  ['UNSUBSCRIBE', 'x'],
  ['NOPE', 'a', 'b'],
  ['GET', 'a'],
  ['INFO', 'sentinel'],
];

/** What differs on purpose, and why. Each has to differ still. */
const DIFFERENT: readonly (readonly [reason: string, words: readonly string[]])[] = [
  ['clients made for servers send it', ['ECHO', 'x']],
  ['clients made for servers send it', ['SELECT', '0']],
  ['clients made for servers send it', ['QUIT']],
  ['clients made for servers send it', ['RESET']],
  ['newer servers know it, and drivers name themselves by it', ['CLIENT', 'SETINFO', 'lib-name', 'x']],
  ['names of hosts are served as they were declared', ['SENTINEL', 'CONFIG', 'GET', '*hostnames']],
  ['a node keeps what it read out of INFO, not its text', ['SENTINEL', 'INFO-CACHE', MASTER]],
  ['a node is made to fail by other means', ['SENTINEL', 'SIMULATE-FAILURE', 'HELP']],
  ['no server listens on port 0', ['SENTINEL', 'MONITOR', 'nowhere', '127.0.0.1', '0', '2']],
  ['changes need an operator token', ['SENTINEL', 'SET', MASTER, 'nope', '1']],
  ['no command here has keys', ['COMMAND', 'COUNT']],
];

for (const protocol of [2, 3] as const) {
  const opened: readonly (readonly string[])[] = protocol === 3 ? [['HELLO', '3']] : [];
  describe(`RESP${protocol}: the door answers as a Sentinel does`, () => {
    for (const words of ALIKE) {
      test(words.join(' '), async () => {
        const [real, door] = await Promise.all([
          exchange(sentinelPort, [...opened, words]),
          exchange(doorPort, [...opened, words]),
        ]);
        assert.deepEqual(comparable(door), comparable(real));
      });
    }

    test('about a master by its address', async () => {
      const ask = (port: number, master: number): Promise<string> =>
        exchange(port, [...opened, ['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', ...own(master), '0', '*']]);
      const { master } = await ground.group(MASTER);
      const port = Number(master?.address.split(':')[1]);
      assert.deepEqual(
        comparable(await ask(doorPort, port)),
        comparable(await ask(sentinelPort, realMaster.port)),
      );
    });

    test('while subscribed', async () => {
      const requests = [
        ...opened,
        ['SUBSCRIBE', 'a'],
        ['PING'],
        ['SENTINEL', 'MYID'],
        ['UNSUBSCRIBE', 'a'],
        ['PING'],
      ];
      assert.deepEqual(
        comparable(await exchange(doorPort, requests)),
        comparable(await exchange(sentinelPort, requests)),
      );
    });
  });
}

describe('what differs on purpose differs still', () => {
  for (const [reason, words] of DIFFERENT) {
    test(`${words.join(' ')}: ${reason}`, async () => {
      const [real, door] = await Promise.all([exchange(sentinelPort, [words]), exchange(doorPort, [words])]);
      assert.notDeepEqual(comparable(door), comparable(real));
    });
  }
});

test('a master that is monitored at the door becomes a group, slaves and all, and is removed as such', async () => {
  const master = await startRedis({ config: ['repl-diskless-sync-delay 0'] });
  servers.push(master);
  const slave = await startRedis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
  servers.push(slave);
  await eventually('the slave is attached', async () =>
    /connected_slaves:1/.test(await master.client().info('replication')),
  );
  const ask = (...words: readonly string[]): Promise<string> =>
    exchange(doorPort, [['AUTH', ground.tier.token], words], 2);
  const words = ['SENTINEL', 'MONITOR', 'stock', '127.0.0.1', String(master.port), '2'];
  const astray = await ask(...words.with(3, '::1'));
  assert.match(astray, /^\+OK\r\n-ERR brokerUnreachable: \[::1\]:/);
  assert.equal(await ask(...words), '+OK\r\n+OK\r\n');
  assert.equal(await ask(...words), '+OK\r\n-ERR Duplicate master name.\r\n');
  const address = await eventually('its master is served', async () => {
    const answer = await exchange(doorPort, [['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'stock']]);
    return answer.startsWith('*2') && answer;
  });
  assert.ok(address.includes(`\r\n${master.port}\r\n`), address);
  const { replicas, policy } = await ground.group('stock');
  assert.deepEqual(
    [policy, ...replicas.map(({ site, endpoints }) => `${site} ${endpoints.client}`)],
    ['majority', `idc-b ${master.address}`, `idc-b ${slave.address}`],
  );
  assert.equal(await ask('SENTINEL', 'REMOVE', 'stock'), '+OK\r\n+OK\r\n');
});
