import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPolluxUser } from '../../../../src/drivers/redis/access-rules.ts';
import { eventually, managedGroup, steerDone } from '../../../support/redis-group.ts';

test('released servers are ordinary: no users of pollux, default may do everything, replication goes on', async (t) => {
  const { driver, master, slaves, masterTarget, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [slave] = slaves;
  const [slaveTarget] = slaveTargets;
  assert.ok(slave && slaveTarget);
  const release = { kind: 'release' } as const;
  const [masterReport] = await Promise.all([
    steerDone(driver, masterTarget, release),
    steerDone(driver, slaveTarget, release),
  ]);
  assert.equal(masterReport.role, 'master', 'a master stays one');
  for (const server of [master, slave]) {
    const client = server.client();
    const users = await client.call('ACL', 'USERS');
    assert.ok(Array.isArray(users));
    assert.deepEqual(
      users.filter((name) => isPolluxUser(String(name))),
      [],
    );
    assert.equal(await client.call('CONFIG', 'SET', 'maxmemory', '0'), 'OK');
  }
  assert.doesNotMatch(slave.fileText(), /user (pollux|repl-|ns-|w-)|min-replicas-to-write [1-9]/);
  assert.match(slave.fileText(), new RegExp(`replicaof 127.0.0.1 ${master.port}`));
  assert.doesNotMatch(master.fileText(), /user (pollux|repl-|ns-|w-)|min-replicas-to-write [1-9]|replicaof/);
  const writer = master.client();
  await writer.set('a', '1');
  await eventually(
    () => slave.client().get('a'),
    (value) => value === '1',
  );
  await steerDone(driver, masterTarget, release);
  for (const server of [master, slave]) {
    await server.kill();
    await server.start();
  }
  const roles = await Promise.all([master, slave].map((server) => server.client().info('replication')));
  assert.match(roles[0] ?? '', /role:master/, 'a restart keeps the role of each');
  assert.match(
    roles[1] ?? '',
    new RegExp(`role:slave\r?\nmaster_host:127.0.0.1\r?\nmaster_port:${master.port}`),
  );
});
