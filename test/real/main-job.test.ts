/**
 * The main job with real processes: under traffic from both IDCs something is killed, and afterwards every
 * acknowledged write is found on the surviving servers. One scenario a test; each stands on a ground of its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, type GroundServer, isWhole, prepareGround } from '../support/ground.ts';
import { readBack } from '../support/read-back.ts';
import { startWriteLoad, type WriteLoad } from '../support/write-load.ts';

const LAYOUT = [{ group: 'orders-a', sites: ['idc-a', 'idc-a', 'idc-b'] }] as const;
const TRAFFIC_MS = 1_500;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

type Scenario = {
  readonly ground: Ground;
  readonly load: WriteLoad;
  server(id: string): GroundServer;
  master(): Promise<GroundServer>;
  /** Writes acknowledged from now on: waits for `count` of them in each IDC. */
  acknowledgesMore(count: number): Promise<void>;
};

/** Traffic, the fault in the middle of it, traffic again; then nothing that was acknowledged may be missing. */
async function survives(fault: (scenario: Scenario) => Promise<void>): Promise<void> {
  const ground = await prepareGround({ layout: LAYOUT });
  const load = startWriteLoad(ground.tier.urls);
  const server = (id: string): GroundServer => {
    const found = ground.groups[0]?.servers.find((one) => one.id === id);
    assert.ok(found, `${id} is a server of the ground`);
    return found;
  };
  const scenario: Scenario = {
    ground,
    load,
    server,
    master: async () => server((await ground.group('orders-a')).master?.replica ?? ''),
    acknowledgesMore: async (count) => {
      const before = load.idcs.map((one) => one.acknowledged.size);
      await eventually(`${count} more acknowledged writes in each IDC`, () =>
        load.idcs.every((one, position) => one.acknowledged.size >= (before[position] ?? 0) + count),
      );
    },
  };
  try {
    await scenario.acknowledgesMore(50);
    await pause(TRAFFIC_MS);
    await fault(scenario);
    await scenario.acknowledgesMore(50);
    await load.stop();
    const kept = await readBack(ground);
    const acknowledged = load.acknowledged();
    const lost = acknowledged.filter((id) => !kept.has(id));
    assert.ok(acknowledged.length > 100, `${acknowledged.length} writes were acknowledged`);
    assert.deepEqual(lost, [], `of ${acknowledged.length} acknowledged writes ${lost.length} are missing`);
  } finally {
    await load.stop();
    await ground.close();
  }
}

const epochOf = async (ground: Ground): Promise<number> => (await ground.group('orders-a')).epoch;

test('the leading node is killed: writes go on, nothing acknowledged is lost, it comes back', async () => {
  await survives(async ({ ground, acknowledgesMore }) => {
    const leader = await ground.tier.leader();
    await leader.kill();
    await acknowledgesMore(50);
    const next = await ground.tier.leader();
    assert.notEqual(next.name, leader.name);
    await leader.start();
    await eventually('the killed node is current again', async () => {
      const answer = await ground.tier.call('GET', '/readyz', undefined, leader);
      return answer.status === 200;
    });
  });
});

test('a following node is killed: nobody notices', async () => {
  await survives(async ({ ground, acknowledgesMore }) => {
    const leader = await ground.tier.leader();
    const follower = ground.tier.nodes.find((node) => node.name !== leader.name);
    assert.ok(follower);
    const epoch = await epochOf(ground);
    await follower.kill();
    await acknowledgesMore(100);
    assert.equal(await epochOf(ground), epoch, 'no failover took place');
    await follower.start();
  });
});

test('the master is killed: a slave is promoted, and the old master returns as a slave', async () => {
  await survives(async ({ ground, master, acknowledgesMore }) => {
    const old = await master();
    const epoch = await epochOf(ground);
    await old.redis.kill();
    await eventually('a new reign is active', async () => {
      const group = await ground.group('orders-a');
      return group.phase.kind === 'active' && group.epoch > epoch;
    });
    assert.notEqual((await master()).id, old.id);
    await acknowledgesMore(50);
    await old.redis.start();
    await eventually('the old master is in the sync set again', async () =>
      isWhole(await ground.group('orders-a')),
    );
  });
});

for (const [which, id] of [
  ['in the master IDC', 'orders-a-2'],
  ['in the other IDC', 'orders-a-3'],
] as const) {
  test(`the slave ${which} is killed: writes go on and it is taken back`, async () => {
    await survives(async ({ ground, server, acknowledgesMore }) => {
      const epoch = await epochOf(ground);
      await server(id).redis.kill();
      await acknowledgesMore(50);
      await server(id).redis.start();
      await eventually('it is in the sync set again', async () => isWhole(await ground.group('orders-a')));
      assert.equal(await epochOf(ground), epoch, 'no failover took place');
    });
  });
}

test('a master without persistence is killed and restarted within 50 ms: every acknowledged write survives', async () => {
  await survives(async ({ ground, master }) => {
    const old = await master();
    const epoch = await epochOf(ground);
    await old.redis.kill();
    await pause(20);
    await old.redis.start();
    await eventually('a new reign is active', async () => {
      const group = await ground.group('orders-a');
      return group.phase.kind === 'active' && group.epoch > epoch;
    });
    await eventually('it is in the sync set again', async () => isWhole(await ground.group('orders-a')));
  });
});

test('a planned switchover under traffic loses nothing', async () => {
  await survives(async ({ ground, master }) => {
    const before = await master();
    const answer = await ground.tier.call('POST', '/v1/groups/orders-a/switchover', { to: 'orders-a-3' });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    await eventually('the move is over', async () => isWhole(await ground.group('orders-a')));
    const after = await master();
    assert.equal(after.id, 'orders-a-3');
    assert.notEqual(after.id, before.id);
  });
});
