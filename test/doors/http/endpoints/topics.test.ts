import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { openDoor } from '../door-fixture.ts';

const topic = { name: 'payments', queues: [{ group: 'orders-a', readQueues: 2, writeQueues: 2 }] };

describe('/v1/topics', () => {
  it('declares, shows, lists and removes', async () => {
    const { ask, refusal } = await openDoor();
    await ask(ENDPOINTS.topicAdd, '/v1/topics', { body: { ...topic, near: 'strict' } }, 201);
    const shown = await ask(ENDPOINTS.topicGet, '/v1/topics/payments');
    assert.deepEqual(shown.queues, topic.queues);
    assert.equal(shown.near, 'strict');
    assert.equal(shown.source, 'declared');
    const names = (await ask(ENDPOINTS.topicList, '/v1/topics')).topics.map(({ name }) => name);
    assert.deepEqual(names.sort(), ['orders', 'payments']);
    assert.deepEqual((await ask(ENDPOINTS.topicList, '/v1/topics?cluster=other')).topics, []);
    await ask(ENDPOINTS.topicRemove, '/v1/topics/payments', { method: 'DELETE' });
    await refusal('unknownTopic', '/v1/topics/payments');
    await refusal('unknownTopic', '/v1/topics/payments', { method: 'DELETE' });
  });

  it('passes refusals of the rule on, with paths in the body that was sent', async () => {
    const { refusal, node } = await openDoor();
    assert.equal(
      (await refusal('duplicateName', '/v1/topics', { body: { ...topic, name: 'orders' } })).field,
      'name',
    );
    const elsewhere = { ...topic, queues: [{ group: 'none', readQueues: 1, writeQueues: 1 }] };
    const error = await refusal('unknownGroup', '/v1/topics', { body: elsewhere });
    assert.equal(error.field, 'queues.0.group');
    assert.equal(node.store.topics.size, 1);
  });
});

describe('/v1/consumer-groups', () => {
  it('declares and lists', async () => {
    const { ask, refusal } = await openDoor();
    const body = { name: 'billing', owner: 'finance', labels: { grade: 'S1' } };
    await ask(ENDPOINTS.consumerGroupAdd, '/v1/consumer-groups', { body }, 201);
    const { consumerGroups } = await ask(ENDPOINTS.consumerGroupList, '/v1/consumer-groups');
    assert.equal(consumerGroups[0]?.owner, 'finance');
    await refusal('duplicateName', '/v1/consumer-groups', { body });
  });
});
