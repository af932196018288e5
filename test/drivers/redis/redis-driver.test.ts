import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch, replicaId, term } from '../../../src/core/primitives/identifiers.ts';
import { REDIS_LIMITS } from '../../../src/drivers/redis/limits.ts';
import { freePort } from '../../support/ports.ts';
import {
  createTestDriver,
  GROUP,
  managedGroup,
  reportOf,
  steer,
  steerDone,
} from '../../support/redis-group.ts';

const REVOKE = { kind: 'revoke', killClients: false, prepare: false } as const;

test('a master dies, the member that holds more takes over, and the old master returns as a slave', async (t) => {
  const { driver, master, slaves, masterTarget, slaveTargets, memberIds } = await managedGroup(t);
  const [ahead, behind] = slaveTargets;
  const [aheadServer] = slaves;
  assert.ok(ahead && behind && aheadServer);
  const producer = master.client({ username: 'w-1', password: 'any' });
  await producer.set('both', '1');
  assert.equal(await producer.wait(2, 5_000), 2);
  const lagging = await steerDone(driver, behind, REVOKE);
  await producer.set('one', '1');
  assert.equal(await producer.wait(1, 5_000), 1);
  producer.disconnect();
  await master.kill();

  const read = await steerDone(driver, ahead, REVOKE);
  assert.ok(read.offset > lagging.offset);
  assert.equal(read.lineage, lagging.lineage);
  const promoted = await steerDone(driver, ahead, {
    kind: 'promote',
    epoch: epoch(2),
    expectedIncarnation: read.incarnation,
    minimumOffset: read.offset,
    members: [...memberIds.slice(1), masterTarget.replica],
    producer: { syncSetVersion: 2, timeFence: null },
  });
  const attach = { kind: 'attach', masterAddress: ahead.address } as const;
  await steerDone(driver, behind, { ...attach, expectedIncarnation: lagging.incarnation });
  await master.start();
  const returned = await steerDone(driver, masterTarget, REVOKE);
  assert.equal(returned.role, 'slave', 'it booted fenced');
  await steerDone(driver, masterTarget, { ...attach, expectedIncarnation: returned.incarnation });
  for (const target of [behind, masterTarget]) {
    await reportOf(
      driver,
      target,
      (found) => found.follows?.linkUp === true && found.lineage === promoted.lineage,
    );
  }
  const next = aheadServer.client({ username: 'w-2', password: 'any' });
  assert.deepEqual(await next.mget('both', 'one'), ['1', '1']);
  await next.set('new', '1');
  assert.equal(await next.wait(2, 5_000), 2);
});

test('actions on one server are done in order, and no more wait than the limit', async (t) => {
  const driver = createTestDriver(t);
  const target = { group: GROUP, replica: replicaId('a'), address: `127.0.0.1:${await freePort()}` };
  const order: number[] = [];
  const asked = Array.from({ length: REDIS_LIMITS.steersWaitingPerServer + 1 }, async (_, index) => {
    const result = await driver.steer({ steerId: index, term: term(1), path: 0, target, action: REVOKE });
    order.push(result.steerId);
    return result.outcome;
  });
  const outcomes = await Promise.all(asked);
  const last = outcomes.at(-1);
  assert.match(last?.kind === 'failed' ? last.detail : '', /^overloaded: /);
  const waited = order.filter((steerId) => steerId < REDIS_LIMITS.steersWaitingPerServer);
  assert.deepEqual(
    waited,
    waited.toSorted((left, right) => left - right),
  );
  assert.equal((await steer(driver, target, REVOKE)).kind, 'failed', 'the queue takes actions again');
});
