import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import { IDC_A, IDC_B, registration } from '../../../core/metadata/broker-set-fixture.ts';
import { openDoor } from '../door-fixture.ts';
import { type FakeNode, fakeNode, must } from '../fake-node.ts';

const path = '/v1/allocation-plans';
const SET_A = groupName('idc-a@one');
const SET_B = groupName('idc-b@one');

function node(sites = [IDC_A, IDC_B] as const): FakeNode {
  const fake = fakeNode();
  must(fake.apply(registration(1, { name: SET_A, site: sites[0] })));
  must(fake.apply(registration(2, { name: SET_B, site: sites[1] })));
  return fake;
}

const consumers = [
  { clientId: '10.0.0.1@1', idc: 'idc-a' },
  { clientId: '10.0.0.2@1', idc: 'idc-b' },
];

describe('/v1/allocation-plans', () => {
  it('needs no token, changes nothing, and finds a mixed group out', async () => {
    const { ask, node: fake } = await openDoor(node());
    const before = fake.state().appliedIndex;
    const body = { topic: 'TopicA', consumers };
    const sound = await ask(ENDPOINTS.allocationPlan, path, { body, token: false });
    assert.deepEqual([sound.sound, sound.strategy, sound.near, sound.queues], [true, 'AVG', 'client', 8]);
    const mixed = await ask(ENDPOINTS.allocationPlan, path, {
      body: { ...body, consumers: consumers.map((one, position) => ({ ...one, zoneMode: position === 0 })) },
    });
    assert.equal(mixed.sound, false);
    assert.ok(mixed.orphans.length > 0 && mixed.doubleOwned.length > 0);
    assert.equal(fake.state().appliedIndex, before);
  });

  it('plans each strategy by where brokers and consumers stand', async () => {
    const { ask } = await openDoor(node());
    const plan = (changes: object) =>
      ask(ENDPOINTS.allocationPlan, path, { body: { topic: 'TopicA', consumers, ...changes } });
    const owners = async (changes: object) =>
      (await plan(changes)).consumers.map(({ allocations }) => [
        ...new Set(allocations.flatMap(({ queues }) => queues.map(({ set }) => set))),
      ]);
    const own = [[SET_A], [SET_B]];
    assert.deepEqual(await owners({ strategy: 'MACHINE_ROOM_NEARBY-AVG' }), own);
    assert.deepEqual(await owners({ strategy: 'MACHINE_ROOM_NEARBY-AVG_BY_CIRCLE' }), own);
    const swapped = [
      { set: SET_A, idc: 'idc-b' },
      { set: SET_B, idc: 'idc-a' },
    ];
    assert.deepEqual(await owners({ strategy: 'MACHINE_ROOM_NEARBY-AVG', rooms: swapped }), [
      [SET_B],
      [SET_A],
    ]);
    assert.deepEqual(await owners({ strategy: 'AVG_BY_CIRCLE' }), [
      [SET_A, SET_B],
      [SET_A, SET_B],
    ]);
    // Each counts its colleague of the other IDC, too: half of its own queues is nobody's.
    const rooms = await plan({ strategy: 'MACHINE_ROOM' });
    assert.deepEqual([rooms.sound, rooms.orphans.length], [false, 4]);
    const all = await plan({ strategy: 'MACHINE_ROOM', consumerIdcs: ['idc-a', 'idc-b'] });
    assert.equal(all.sound, true);
  });

  it('refuses what the strategy itself would fail for, and what makes no sense', async () => {
    const fake = node();
    const { refusal } = await openDoor(fake);
    const body = { topic: 'TopicA', consumers };
    await refusal('unknownTopic', path, { body: { ...body, topic: 'None' } });
    const lost = [...consumers, { clientId: 'c3' }];
    const nearby = { ...body, strategy: 'MACHINE_ROOM_NEARBY-AVG' };
    assert.equal(
      (await refusal('invalidRequest', path, { body: { ...nearby, consumers: lost } })).field,
      'consumers.2.idc',
    );
    must(fake.apply({ type: 'registration.remove', name: SET_A, address: '10.0.0.1:10911' }));
    must(fake.apply(registration(3, { name: SET_A, site: null })));
    assert.equal((await refusal('invalidRequest', path, { body: nearby })).field, 'rooms');
    await refusal('unknownSite', path, {
      body: { ...body, consumers: [{ clientId: 'c1', idc: 'idc-z' }] },
    });
    await refusal('duplicateName', path, { body: { ...body, consumers: [...consumers, ...consumers] } });
    await refusal('invalidRequest', path, { body: { ...body, strategy: 'CONSISTENT_HASH' } });
  });
});
