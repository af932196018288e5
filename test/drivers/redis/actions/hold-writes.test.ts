import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, managedGroup, reportOf, steerDone } from '../../../support/redis-group.ts';

test('held writes wait and are taken when writes are resumed', async (t) => {
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 0 });
  const application = master.client();
  await application.set('a', '1');
  const paused = await steerDone(driver, masterTarget, { kind: 'pauseWrites', forMs: 60_000 });
  let taken = false;
  const write = application.set('a', '2').then(() => {
    taken = true;
  });
  const reader = master.client();
  assert.equal(await reader.get('a'), '1');
  assert.equal((await reportOf(driver, masterTarget)).offset, paused.offset);
  assert.equal(taken, false);
  await steerDone(driver, masterTarget, { kind: 'resumeWrites' });
  await write;
  assert.equal(await reader.get('a'), '2');
});

test('a master that holds writes back sends no pings, so that its offset stands still; resumed, it sends them again', async (t) => {
  const { driver, masterTarget } = await managedGroup(t);
  const paused = await steerDone(driver, masterTarget, { kind: 'pauseWrites', forMs: 60_000 });
  await new Promise((done) => setTimeout(done, 2_200));
  assert.equal((await reportOf(driver, masterTarget)).offset, paused.offset);
  await steerDone(driver, masterTarget, { kind: 'resumeWrites' });
  await eventually(
    () => reportOf(driver, masterTarget),
    (now) => now.offset > paused.offset,
  );
});
