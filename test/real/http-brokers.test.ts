/** Brokers of another kind, which register themselves: steered by nothing but the answers to their heartbeats. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GroupDetail } from '../../src/contract/groups.ts';
import { eventually } from '../support/eventually.ts';
import { isWhole } from '../support/ground.ts';
import { HttpBroker } from '../support/http-broker.ts';
import { startTier, type Tier } from '../support/tier.ts';

const GROUP = 'queues-a';

let tier: Tier;
const brokers: HttpBroker[] = [];

before(async () => {
  tier = await startTier();
  for (const [position, site] of ['idc-a', 'idc-a', 'idc-b'].entries()) {
    const id = `${GROUP}-${position + 1}`;
    new HttpBroker(tier, GROUP, { id, site, address: `10.0.0.${position + 1}:9000` }, brokers).start();
  }
});

after(async () => {
  await Promise.all(brokers.map((broker) => broker.silence()));
  await tier.close();
});

async function detail(): Promise<GroupDetail> {
  const answer = await tier.call('GET', `/v1/groups/${GROUP}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as GroupDetail;
}

const masters = () => brokers.filter(({ role }) => role === 'master');
const whole = (epoch: number) =>
  eventually(`reign ${epoch} is whole`, async () => {
    const group = await detail();
    return group.epoch === epoch && isWhole(group) && group;
  });

test('a group is declared: one is told to be master, the others to follow it', async () => {
  const answer = await tier.call('POST', '/v1/groups', {
    name: GROUP,
    kind: 'http',
    policy: 'any-one',
    onShortage: 'degrade',
    replicas: brokers.map(({ id, site, address }) => ({ id, site, endpoints: { client: address } })),
  });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const group = await whole(1);
  const [master, second] = masters();
  assert.ok(master !== undefined && second === undefined, 'exactly one is master');
  assert.equal(group.master?.replica, master.id);
  assert.equal(master.epoch, 1);
  for (const slave of brokers.filter((broker) => broker !== master)) {
    assert.equal(slave.role, 'slave');
    assert.equal(slave.follows, master.id);
  }
});

test('the master falls silent: a slave is told to be master with the higher epoch, the old one is fenced', async () => {
  const [old] = masters();
  assert.ok(old);
  old.write(1_000n);
  await eventually('the slaves hold it', () => brokers.every(({ offset }) => offset === 1_000n));
  await old.silence();
  const next = await eventually(
    'another one is master',
    () => brokers.find((broker) => broker !== old && broker.role === 'master') ?? null,
  );
  assert.equal(next.epoch, 2);
  assert.equal(next.offset, 1_000n);
  await eventually('its reign is active', async () => (await detail()).phase.kind === 'active');

  // It never heard of it, and still takes itself for the master.
  assert.equal(old.role, 'master');
  const toldBefore = old.told.length;
  old.start();
  await eventually('it is a slave', () => old.role === 'slave' && old.follows === next.id);
  assert.match(old.told[toldBefore] ?? '', /^fenced /);
  await whole(2);
  assert.deepEqual(masters(), [next]);
});

test('a master that restarted is not the master any more', async () => {
  const [old] = masters();
  assert.ok(old);
  await old.silence();
  old.restart();
  await whole(3);
  const [master, second] = masters();
  assert.ok(master !== undefined && second === undefined, 'exactly one is master');
  assert.equal(master.epoch, 3);
  assert.equal(master.offset, 1_000n);
});

test('a planned move that this kind of broker cannot make is refused', async () => {
  const slave = brokers.find(({ role }) => role === 'slave');
  const answer = await tier.call('POST', `/v1/groups/${GROUP}/switchover`, { to: slave?.id });
  assert.ok(answer.status >= 400, JSON.stringify(answer.body));
  await whole(3);
});
