import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SteerAction } from '../../../../src/core/failover/steering.ts';
import { epoch, incarnation, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { managedGroup, reportOf, steer, steerDone } from '../../../support/redis-group.ts';

const REVOKE = { kind: 'revoke', killClients: false, prepare: false } as const;

test('a fenced member becomes master, the others follow it without a full resync', async (t) => {
  const { driver, master, slaves, slaveTargets, masterTarget, memberIds } = await managedGroup(t);
  const [first, second] = slaveTargets;
  const [firstServer, secondServer] = slaves;
  assert.ok(first && second && firstServer && secondServer);
  const old = await reportOf(driver, masterTarget);
  assert.equal(old.connectedSlaves, 2);
  await master.kill();
  const [read, other] = await Promise.all([
    steerDone(driver, first, REVOKE),
    steerDone(driver, second, REVOKE),
  ]);
  const promote: SteerAction = {
    kind: 'promote',
    epoch: epoch(2),
    expectedIncarnation: read.incarnation,
    minimumOffset: read.offset,
    members: memberIds.slice(1),
    producer: { syncSetVersion: 2, timeFence: null },
  };
  const promoted = await steerDone(driver, first, promote);
  assert.equal(promoted.role, 'master');
  assert.notEqual(promoted.lineage, old.lineage);
  assert.equal(promoted.secondLineage, old.lineage);
  assert.equal(promoted.secondOffset, read.offset);
  await steerDone(driver, second, {
    kind: 'attach',
    expectedIncarnation: other.incarnation,
    masterAddress: first.address,
  });
  await reportOf(
    driver,
    second,
    (report) => report.follows?.linkUp === true && report.lineage === promoted.lineage,
  );
  const producer = firstServer.client({ username: 'w-2', password: 'any' });
  await producer.set('a', '1');
  assert.equal(await producer.wait(1, 5_000), 1);
  const onePartialResync = /sync_full:0\r\nsync_partial_ok:1\r/;
  assert.match(await firstServer.client().info('stats'), onePartialResync);

  const again = await steerDone(driver, first, promote);
  assert.equal(again.lineage, promoted.lineage, 'a repeated promotion starts no new lineage');
  await producer.set('a', '2');
  assert.equal(await producer.wait(1, 5_000), 1, 'nor is a producer cut off');
  assert.match(await firstServer.client().info('stats'), onePartialResync, 'nor a member');
});

test('the lineage of a first reign is the one that its members get', async (t) => {
  const { driver, promoted, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [slave] = slaveTargets;
  assert.ok(slave);
  assert.equal((await reportOf(driver, slave)).lineage, promoted.lineage);
});

test('who followed the candidate before is cut off and cannot come back', async (t) => {
  const { driver, slaves, slaveTargets, memberIds } = await managedGroup(t);
  const [first, second] = slaveTargets;
  const [firstServer] = slaves;
  assert.ok(first && second && firstServer);
  const read = await steerDone(driver, first, REVOKE);
  const below = await steerDone(driver, second, REVOKE);
  await steerDone(driver, first, {
    kind: 'grant',
    expectedIncarnation: read.incarnation,
    members: memberIds.slice(1),
    producer: null,
  });
  await steerDone(driver, second, {
    kind: 'attach',
    expectedIncarnation: below.incarnation,
    masterAddress: first.address,
  });
  const promoted = await steerDone(driver, first, {
    kind: 'promote',
    epoch: epoch(2),
    expectedIncarnation: read.incarnation,
    minimumOffset: read.offset,
    members: [replicaId('somebody-else')],
    producer: { syncSetVersion: 2, timeFence: null },
  });
  assert.equal(promoted.connectedSlaves, 0);
  const producer = firstServer.client({ username: 'w-2', password: 'any' });
  await producer.set('a', '1');
  assert.equal(await producer.wait(1, 1_500), 0);
});

test('another process, a smaller offset or a server that is not fenced is a mismatch', async (t) => {
  const { driver, slaveTargets } = await managedGroup(t, { slaves: 1 });
  const [target] = slaveTargets;
  assert.ok(target);
  const running = await reportOf(driver, target);
  const promote = {
    kind: 'promote',
    epoch: epoch(2),
    expectedIncarnation: running.incarnation,
    minimumOffset: 0n,
    members: [],
    producer: { syncSetVersion: 2, timeFence: null },
  } as const;
  const detailOf = async (action: SteerAction): Promise<string> => {
    const outcome = await steer(driver, target, action);
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'mismatch');
    return outcome.kind === 'failed' ? outcome.detail : '';
  };
  assert.match(await detailOf(promote), /^notFenced: /);
  const revoked = await steerDone(driver, target, REVOKE);
  assert.match(
    await detailOf({ ...promote, expectedIncarnation: incarnation('other') }),
    /^otherIncarnation: /,
  );
  assert.match(await detailOf({ ...promote, minimumOffset: revoked.offset + 1n }), /^behind: /);
  assert.equal((await reportOf(driver, target)).role, 'slave');
});
