import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import type { Result } from '../../../src/core/primitives/refusal.ts';
import type { Connection, Reply } from '../../../src/drivers/redis/connections.ts';
import { createSentinelClient } from '../../../src/drivers/redis/sentinel-client.ts';
import { describeSentinelPort } from '../../core/sentinels/sentinel-port-contract.ts';
import { serverFor } from '../../support/redis-group.ts';
import { groundOfProcesses } from './sentinel-processes.ts';

const logger = { info: () => undefined, warn: () => undefined };

function known<Value>(result: Result<Value>): Value {
  assert.ok(result.ok, result.ok ? '' : result.refusal.message);
  return result.value;
}

const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.code);

describeSentinelPort('real Sentinels', groundOfProcesses);

test('that a Sentinel was told to stop watching is in the log, with what came of it', async (t) => {
  const config = ['sentinel monitor orders 127.0.0.1 1 2'];
  const [sentinel, data] = [await serverFor(t, { sentinel: true, config }), await serverFor(t)];
  const told: unknown[] = [];
  const recording = { info: (fields: unknown) => told.push(fields), warn: () => undefined };
  const client = createSentinelClient({ login: null, owner: null, tls: null }, { logger: recording });
  for (const { address } of [sentinel, sentinel, data]) await client.remove(address, 'orders');
  assert.deepEqual(told, [
    { sentinel: sentinel.address, master: 'orders', isGone: true },
    { sentinel: sentinel.address, master: 'orders', isGone: true },
    { sentinel: data.address, master: 'orders', isGone: false },
  ]);
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
