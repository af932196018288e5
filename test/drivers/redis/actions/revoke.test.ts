import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenceCommands } from '../../../../src/drivers/redis/actions/revoke.ts';
import { managedGroup, reportOf, steerDone } from '../../../support/redis-group.ts';

const REVOKE = { kind: 'revoke', killClients: false, prepare: false } as const;

const settings = {
  steeringSecret: 'secret',
  tls: null,
  owner: null,
  adminUsername: 'operator',
  applicationPassword: null,
  blackhole: { host: '127.0.0.1', port: 1 },
};

test('the fence deletes grants alone, and spares the users of pollux and the administrator', () => {
  const users = ['default', 'operator', 'app', 'pollux-keeper', 'ns-3', 'repl-a2', 'w-4'];
  const quiet = fenceCommands(settings, { users, killClients: false, restrictDefaultTo: null });
  assert.deepEqual(quiet[0], ['ACL', 'DELUSER', 'repl-a2', 'w-4']);
  assert.equal(
    quiet.some((command) => command.join(' ').startsWith('CLIENT KILL USER')),
    false,
  );
  const killing = fenceCommands(settings, { users, killClients: true, restrictDefaultTo: null });
  const killed = killing.filter((command) => command.join(' ').startsWith('CLIENT KILL USER'));
  assert.deepEqual(
    killed.map((command) => command[3]),
    ['default', 'app'],
  );
  const first = fenceCommands(settings, { users: ['default'], killClients: false, restrictDefaultTo: [] });
  assert.deepEqual(first[0]?.slice(0, 3), ['ACL', 'SETUSER', 'default']);
  assert.equal(
    first.some(([name, subcommand]) => name === 'ACL' && subcommand === 'DELUSER'),
    false,
  );
});

test('with its members revoked, a master that still runs gets no acknowledgement', async (t) => {
  const { driver, master, slaveTargets } = await managedGroup(t);
  const producer = master.client({ username: 'w-1', password: 'any' });
  await producer.set('before', '1');
  assert.equal(await producer.wait(2, 5_000), 2);
  const revoked = await Promise.all(slaveTargets.map((target) => steerDone(driver, target, REVOKE)));
  await producer.set('after', '1');
  assert.equal(await producer.wait(1, 200), 0);
  for (const [index, target] of slaveTargets.entries()) {
    const now = await reportOf(driver, target);
    assert.equal(now.offset, revoked[index]?.offset, 'the offset is frozen');
    assert.equal(now.follows?.address, '127.0.0.1:1');
  }
});

test('a revoked master takes no write from anybody and keeps its data and its lineage', async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 1 });
  const producer = master.client({ username: 'w-1', password: 'any', retryStrategy: null });
  const ended = new Promise((resolve) => producer.once('end', resolve));
  const application = master.client();
  await producer.set('kept', 'yes');
  const before = await reportOf(driver, masterTarget);
  const report = await steerDone(driver, masterTarget, { ...REVOKE, killClients: true });
  await ended;
  assert.equal(report.role, 'slave');
  assert.equal(report.lineage, before.lineage);
  assert.ok(report.offset >= before.offset);
  await assert.rejects(application.set('refused', '1'), /READONLY|closed/);
  assert.equal(await application.get('kept'), 'yes');
  await assert.rejects(application.call('REPLICAOF', 'NO', 'ONE'), /NOPERM/);
  const again = await steerDone(driver, masterTarget, REVOKE);
  assert.equal(again.offset, report.offset);
});
