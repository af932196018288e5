import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import type { Result } from '../../../src/core/primitives/refusal.ts';
import type { Connection } from '../../../src/drivers/redis/connections.ts';
import { openConnection } from '../../../src/drivers/redis/connections.ts';
import { slavesOf } from '../../../src/drivers/redis/undeclared-server.ts';
import { eventually } from '../../support/eventually.ts';
import { serverFor } from '../../support/redis-group.ts';

const codeOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.code);
const messageOf = (result: Result<unknown>): string => (result.ok ? '' : result.refusal.message);
const ACCOUNT = { owner: { username: 'default', password: 'of-the-servers' }, tls: null };

test('a master names its slaves as they announce themselves; a slave names its master', async (t) => {
  const login = ['requirepass of-the-servers', 'masterauth of-the-servers'];
  const master = await serverFor(t, { config: ['repl-diskless-sync-delay 0', ...login] });
  assert.deepEqual(await slavesOf(openConnection, ACCOUNT, master.address), { ok: true, value: [] });
  const follow = [`replicaof 127.0.0.1 ${master.port}`, ...login];
  const plain = await serverFor(t, { config: follow });
  await serverFor(t, {
    config: [...follow, 'replica-announce-ip 10.1.2.3', 'replica-announce-port 7001'],
  });
  await eventually('both are attached', async () => {
    const found = await slavesOf(openConnection, ACCOUNT, master.address);
    return (
      found.ok &&
      found.value.length === 2 &&
      [...found.value].sort().join() === `10.1.2.3:7001,${plain.address}`
    );
  });
  const slave = await slavesOf(openConnection, ACCOUNT, plain.address);
  assert.match(messageOf(slave), new RegExp(`is a slave of ${master.address}: name its master`));

  const wrong = await slavesOf(openConnection, { owner: null, tls: null }, master.address);
  assert.equal(codeOf(wrong), 'brokerRefused');
  assert.match(messageOf(wrong), /[^.]\.$/);
  await master.kill();
  assert.equal(codeOf(await slavesOf(openConnection, ACCOUNT, master.address)), 'brokerUnreachable');
});

test('what no master says is refused, and every connection is closed', async () => {
  let open = 0;
  const read = (text: string) =>
    slavesOf(
      async () => {
        open += 1;
        const connection: Connection = {
          call: async () => ({ ok: true, value: text }),
          transaction: () => assert.fail('nothing is told in a transaction'),
          isOpen: () => true,
          onLost: () => undefined,
          close: () => {
            open -= 1;
          },
        };
        return { ok: true, value: connection };
      },
      ACCOUNT,
      '10.0.0.1:6379',
    );
  const line = (number: number): string => `slave${number}:ip=10.0.0.${number},port=6379,state=online`;
  const many = (count: number): string =>
    ['role:master', ...Array.from({ length: count }, (_, number) => line(number))].join('\r\n');
  assert.equal(codeOf(await read(many(LIMITS.slavesPerMaster))), 'accepted');
  for (const text of [
    'role:sentinel',
    'nothing of it',
    'role:master\nslave0:port=6379',
    'role:master\nslave0:ip=10.0.0.1,port=0',
    'role:master\nslave0:ip=a b,port=1',
    many(LIMITS.slavesPerMaster + 1),
  ])
    assert.equal(codeOf(await read(text)), 'brokerRefused', text);
  assert.equal(open, 0);
});
