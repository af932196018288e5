import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { openDoor } from '../door-fixture.ts';

const path = '/v1/allocation/orders';

describe('/v1/allocation/:topic', () => {
  it("gives each IDC's queues to that IDC's members", async () => {
    const { ask } = await openDoor();
    const answer = await ask(
      ENDPOINTS.allocation,
      `${path}?members=m2@idc-b,m1@idc-a&consumerGroup=billing`,
      { token: false },
    );
    assert.equal(answer.consumerGroup, 'billing');
    assert.deepEqual(
      answer.assignments.map(({ member, idc, queues }) => [member, idc, queues.map((queue) => queue.group)]),
      [
        ['m1', 'idc-a', Array(4).fill('orders-a')],
        ['m2', 'idc-b', Array(4).fill('orders-b')],
      ],
    );
    assert.deepEqual(answer.assignments[0]?.queues[1], { group: 'orders-a', queue: 1, idc: 'idc-a' });
  });

  it('moves the fewest queues from a previous allocation, whose answer may be sent back as it is', async () => {
    const { ask } = await openDoor();
    const first = await ask(ENDPOINTS.allocate, path, {
      body: { members: [{ member: 'm1', idc: 'idc-a' }, { member: 'm2' }] },
      token: false,
    });
    const previous = first.assignments.map(({ member, queues }) => ({ member, queues }));
    const members = [{ member: 'm1', idc: 'idc-a' }, { member: 'm2' }, { member: 'm3', idc: 'idc-a' }];
    const second = await ask(ENDPOINTS.allocate, path, { body: { members, previous } });
    const kept = new Set(
      previous.flatMap(({ member, queues }) =>
        queues.map(({ group, queue }) => `${member}/${group}/${queue}`),
      ),
    );
    const moved = second.assignments
      .flatMap(({ member, queues }) => queues.map(({ group, queue }) => `${member}/${group}/${queue}`))
      .filter((queue) => !kept.has(queue));
    assert.equal(moved.length, second.assignments.find(({ member }) => member === 'm3')?.queues.length);
  });

  it('leaves queues unowned where there is no member', async () => {
    const { ask } = await openDoor();
    const answer = await ask(ENDPOINTS.allocate, path, { body: { members: [] } });
    assert.equal(answer.unowned.length, 8);
  });

  it('refuses unknown IDCs with a list, doubled members, unknown topics and malformed lists', async () => {
    const { refusal } = await openDoor();
    const unknown = await refusal('unknownSite', `${path}?members=m1@idc-a,m2@idc-z`);
    assert.equal(unknown.field, 'members.1.idc');
    assert.equal(unknown.expected, 'idc-a | idc-b');
    await refusal('unknownSite', `${path}?members=m1@witness`);
    await refusal('duplicateName', `${path}?members=m1@idc-a,m1@idc-b`);
    await refusal('unknownTopic', '/v1/allocation/none?members=m1@idc-a');
    for (const query of [
      '',
      '?members=',
      '?members=m1@',
      '?members=@idc-a',
      '?members=m1@a@b',
      '?members=m%201@idc-a',
    ]) {
      assert.match((await refusal('invalidRequest', `${path}${query}`)).field ?? '', /^members/, query);
    }
  });
});
