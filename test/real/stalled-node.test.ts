/** A leading node whose process stands still: what it has not heard meanwhile accuses nobody. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, isWhole, prepareGround } from '../support/ground.ts';
import { readBack } from '../support/read-back.ts';
import { startWriteLoad } from '../support/write-load.ts';

const GROUP = 'orders-a';
const STALL_MS = 3_000;

let ground: Ground;

before(async () => {
  ground = await prepareGround({ layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }] });
});

after(() => ground.close());

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

test('a leading node is frozen for three seconds under traffic: no failover, and nothing is lost', async () => {
  const load = startWriteLoad(ground.tier.urls);
  try {
    const acknowledges = (count: number) =>
      eventually(`${count} acknowledged writes`, () => load.acknowledged().length >= count);
    await acknowledges(100);
    const { epoch, master } = await ground.group(GROUP);
    const leader = await ground.tier.leader();
    leader.signal('SIGSTOP');
    try {
      await pause(STALL_MS);
    } finally {
      leader.signal('SIGCONT');
    }
    await acknowledges(load.acknowledged().length + 100);
    await eventually('the node is current again', async () => {
      const answer = await ground.tier.call('GET', '/readyz', undefined, leader);
      return answer.status === 200;
    });
    await pause(STALL_MS / 2);
    const after = await ground.group(GROUP);
    assert.equal(after.epoch, epoch, 'no failover took place');
    assert.deepEqual(after.master, master);
    await eventually('the group is whole', async () => isWhole(await ground.group(GROUP)));

    await load.stop();
    const kept = await readBack(ground);
    const lost = load.acknowledged().filter((id) => !kept.has(id));
    assert.deepEqual(lost, []);
  } finally {
    await load.stop();
  }
});
