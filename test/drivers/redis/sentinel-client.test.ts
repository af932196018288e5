import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import type { Result } from '../../../src/core/primitives/refusal.ts';
import type { Connection, Credentials, Reply } from '../../../src/drivers/redis/connections.ts';
import { createSentinelClient } from '../../../src/drivers/redis/sentinel-client.ts';
import { eventually } from '../../support/eventually.ts';
import { serverFor } from '../../support/redis-group.ts';
import type { RedisServer } from '../../support/redis-server.ts';

const told: unknown[] = [];
const logger = { info: (fields: unknown) => told.push(fields), warn: () => undefined };
const clientWith = (login: Credentials = null) =>
  createSentinelClient({ login, owner: null, tls: null }, { logger });

function known<Value>(result: Result<Value>): Value {
  assert.ok(result.ok, result.ok ? '' : result.refusal.message);
  return result.value;
}

const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.code);
const messageOf = (result: Result<unknown>): string => (result.ok ? '' : result.refusal.message);

const watching = (master: RedisServer, ...more: readonly string[]) => ({
  sentinel: true,
  config: [
    `sentinel monitor orders 127.0.0.1 ${master.port} 2`,
    'sentinel down-after-milliseconds orders 4321',
    ...more,
  ],
});

test('two Sentinels of a master with a slave: what each says, and what becomes of one that is told to stop', async (t) => {
  const master = await serverFor(t, { config: ['repl-diskless-sync-delay 0'] });
  const slave = await serverFor(t, {
    config: [`replicaof 127.0.0.1 ${master.port}`, 'replica-priority 7'],
  });
  const first = await serverFor(t, watching(master));
  const second = await serverFor(t, watching(master));
  const client = clientWith();
  const seen = await eventually('they know each other and the slave', async () => {
    const looked = await client.look(first.address, 'orders');
    if (!looked.ok) return false;
    const { slaves, others } = looked.value;
    return slaves.length === 1 && slaves[0]?.linkUp === true && others.length === 1 && looked.value;
  });
  const myId = String(await first.client().call('SENTINEL', 'MYID'));
  assert.deepEqual(seen.sentinel, { id: myId, address: first.address });
  assert.deepEqual([seen.address, seen.flags, seen.quorum], [master.address, ['master'], 2]);
  assert.deepEqual(seen.settings, [
    ['down-after-milliseconds', '4321'],
    ['failover-timeout', '180000'],
    ['parallel-syncs', '1'],
  ]);
  assert.deepEqual(seen.slaves, [
    { address: slave.address, flags: ['slave'], follows: master.address, linkUp: true, priority: 7 },
  ]);
  assert.deepEqual(
    seen.others.map(({ address }) => address),
    [second.address],
  );
  assert.deepEqual(known(await client.masters(first.address)), { names: ['orders'], leftOff: 0 });
  assert.equal(codeOf(await client.look(first.address, 'stock')), 'unknownMaster');
  const ids = [seen.sentinel.id, ...seen.others.map(({ id }) => id)];
  for (const server of [master, slave]) {
    const watchers = known(await client.watchersOf(server.address));
    assert.deepEqual([...watchers].sort(), ids.map((id) => id.slice(0, 8)).sort());
  }

  assert.equal(known(await client.remove(first.address, 'orders')), null);
  assert.equal(codeOf(await client.look(first.address, 'orders')), 'unknownMaster');
  assert.equal(known(await client.remove(first.address, 'orders')), null, 'gone is gone');
  assert.deepEqual(told, Array(2).fill({ sentinel: first.address, master: 'orders', isGone: true }));
  assert.equal(codeOf(await client.look(second.address, 'orders')), 'accepted');
});

test('a Sentinel with a password is asked with it, one without as well, and no message shows it', async (t) => {
  const master = await serverFor(t);
  const locked = await serverFor(t, watching(master, 'requirepass of-the-sentinel'));
  const open = await serverFor(t, watching(master));
  const login = { username: 'default', password: 'of-the-sentinel' };
  assert.equal(codeOf(await clientWith(login).look(locked.address, 'orders')), 'accepted');
  assert.equal(codeOf(await clientWith(login).look(open.address, 'orders')), 'accepted');
  for (const wrong of [null, { username: 'default', password: 'a-wrong-one' }]) {
    const refused = await clientWith(wrong).look(locked.address, 'orders');
    assert.equal(codeOf(refused), 'brokerRefused');
    assert.match(messageOf(refused), /redis\.sentinels/);
    assert.doesNotMatch(messageOf(refused), /a-wrong-one/);
  }
});

test('what is no Sentinel is told from one that does not answer', async (t) => {
  const data = await serverFor(t);
  const client = clientWith();
  const answered = await client.look(data.address, 'orders');
  assert.deepEqual([codeOf(answered), /is no Sentinel/.test(messageOf(answered))], ['brokerRefused', true]);
  await data.kill();
  assert.equal(codeOf(await client.look(data.address, 'orders')), 'brokerUnreachable');
  assert.equal(codeOf(await client.masters(data.address)), 'brokerUnreachable');
  assert.equal(codeOf(await client.remove(data.address, 'orders')), 'brokerUnreachable');
});

/** A Sentinel whose answers a test sets, by the word behind SENTINEL. */
function answering(t: TestContext, answers: Readonly<Record<string, Reply>>) {
  let open = 0;
  t.after(() => assert.equal(open, 0, 'every connection was closed'));
  const connection = (): Connection => ({
    call: async ([, name = '']) => ({ ok: true, value: answers[name] ?? [] }),
    transaction: () => assert.fail('nothing is told in a transaction'),
    isOpen: () => true,
    onLost: () => undefined,
    close: () => {
      open -= 1;
    },
  });
  const openConnection = async () => {
    open += 1;
    return { ok: true, value: connection() } as const;
  };
  return createSentinelClient({ login: null, owner: null, tls: null }, { logger, openConnection });
}

const record = (fields: Readonly<Record<string, string>>): readonly string[] => Object.entries(fields).flat();
const MASTER = record({ name: 'orders', ip: '10.0.0.1', port: '6379', flags: 'master', quorum: '2' });
const SOUND: Readonly<Record<string, Reply>> = { MYID: 'a'.repeat(40), MASTER };

test('what no Sentinel says is refused before anybody sees it', async (t) => {
  const look = (change: Readonly<Record<string, Reply>>) =>
    answering(t, { ...SOUND, ...change }).look('10.0.0.9:26379', 'orders');
  assert.equal(codeOf(await look({})), 'accepted');
  const slave = (fields: Readonly<Record<string, string>>): Reply => [
    record({ ip: '10.0.0.2', port: '6380', flags: 'slave', 'slave-priority': '100', ...fields }),
  ];
  assert.equal(codeOf(await look({ SLAVES: slave({}) })), 'accepted');
  const strange: readonly Readonly<Record<string, Reply>>[] = [
    { MYID: 'short' },
    { MASTER: 'OK' },
    { MASTER: record({ ip: '10.0.0.1', port: '0', quorum: '2' }) },
    { MASTER: record({ ip: '10.0.0.1 9', port: '6379', quorum: '2' }) },
    { MASTER: record({ ip: '10.0.0.1', port: '6379', quorum: 'x' }) },
    { MASTER: record({ ip: '10.0.0.1', port: '6379', quorum: '2', 'failover-timeout': '1\u001b[2J' }) },
    { MASTER: ['x'.repeat(LIMITS.opaqueCharacters + 1), ''] },
    { SLAVES: slave({ port: '99999999' }) },
    { SLAVES: slave({ 'slave-priority': '-1' }) },
    { SLAVES: Array.from({ length: LIMITS.slavesPerMaster + 1 }, () => []) },
    { SENTINELS: [record({ ip: '10.0.0.3', port: '26379', runid: 'nobody' })] },
    { SENTINELS: Array.from({ length: LIMITS.sentinelsPerMaster + 1 }, () => []) },
  ];
  for (const change of strange)
    assert.equal(codeOf(await look(change)), 'brokerRefused', JSON.stringify(change));
});

test('names beyond the bound are counted, and an IPv6 address gets its brackets', async (t) => {
  const names = Array.from({ length: LIMITS.mastersPerSentinel + 2 }, (_, at) => [
    record({ name: `m${at}` }),
  ]);
  const client = answering(t, {
    ...SOUND,
    MASTERS: names.flat(),
    MASTER: record({ ip: '2001:db8::1', port: '6379', quorum: '1' }),
  });
  const found = known(await client.masters('10.0.0.9:26379'));
  assert.deepEqual([found.names.length, found.leftOff], [LIMITS.mastersPerSentinel, 2]);
  assert.equal(known(await client.look('10.0.0.9:26379', 'orders')).address, '[2001:db8::1]:6379');
});
