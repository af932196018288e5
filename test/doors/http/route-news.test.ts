import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { routeAnswerSchema } from '../../../src/contract/routes.ts';
import { clusterName, epoch, topicName } from '../../../src/core/primitives/identifiers.ts';
import { RouteNews } from '../../../src/doors/http/route-news.ts';
import { openDoor } from './door-fixture.ts';
import { fakeNode, keyOf, must } from './fake-node.ts';

const TOPIC = { cluster: clusterName('default'), topic: topicName('orders') };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function newsOf(limit?: number) {
  const node = fakeNode();
  const news = new RouteNews(node, limit);
  cleanUps.push(() => news.close());
  const publish = (group: string, index: number): void =>
    node.publish({ type: 'routesChanged', index, group: keyOf(group), epoch: 2 });
  return { node, news, publish };
}

/** Whether it has resolved by the end of this turn of the event loop. */
async function isAnswered(answer: Promise<void>): Promise<boolean> {
  let answered = false;
  void answer.then(() => {
    answered = true;
  });
  await new Promise((done) => setImmediate(done));
  return answered;
}

const LONG_MS = 60_000;

const fencing = (group: string) =>
  ({
    type: 'group.fence',
    key: keyOf(group),
    expectedEpoch: epoch(1),
    epoch: epoch(2),
    reason: 'switchover',
    preferred: null,
    unsafe: false,
    note: '',
    by: 'token-1',
    evidence: [],
    recordId: `${group}-move`,
    wallMs: 5_000,
  }) as const;

describe('RouteNews', () => {
  it('holds an answer until a group of the topic changes, and no other', async () => {
    const { node, news, publish } = newsOf();
    publish('orders-a', 7);
    publish('orders-b', 7);
    const answer = news.ofTopic(TOPIC, { after: node.routesRevision() + 7, holdMs: LONG_MS });
    publish('elsewhere', 1_000);
    assert.equal(await isAnswered(answer), false);
    publish('orders-b', 1_001);
    assert.equal(await isAnswered(answer), true);
    assert.equal(news.held, 0);
  });

  it('holds nothing where the news has come already, or may have', async () => {
    const { node, news, publish } = newsOf();
    const revision = node.routesRevision();
    assert.ok(revision > 0);
    assert.equal(await isAnswered(news.ofTopic(TOPIC, { after: revision - 1, holdMs: LONG_MS })), true);
    publish('orders-a', revision + 5);
    assert.equal(await isAnswered(news.ofTopic(TOPIC, { after: revision + 4, holdMs: LONG_MS })), true);
    assert.equal(await isAnswered(news.ofTopic(TOPIC, { after: revision + 5, holdMs: LONG_MS })), false);
  });

  it('holds on while no group of the topic can be written to, whatever changes on the way', async () => {
    const { node, news, publish } = newsOf();
    for (const name of ['orders-a', 'orders-b'] as const) must(node.apply(fencing(name)));
    const after = node.routesRevision() - 2;
    const answer = news.ofTopic(TOPIC, { after, holdMs: LONG_MS });
    publish('orders-a', after + 1);
    publish('orders-b', after + 2);
    assert.equal(await isAnswered(answer), false);
    node.store.groups.set(keyOf('orders-b'), fakeNode().store.groups.get(keyOf('orders-b')) ?? assert.fail());
    publish('orders-b', after + 3);
    assert.equal(await isAnswered(answer), true);
  });

  it('goes on holding while the node catches up with what its client has heard of elsewhere', async () => {
    const { node, news, publish } = newsOf();
    const known = node.routesRevision() + 3;
    publish('orders-a', known - 2);
    publish('orders-b', known - 2);
    const answer = news.ofTopic(TOPIC, { after: known, holdMs: LONG_MS });
    publish('orders-a', known - 1);
    publish('orders-a', known);
    assert.equal(await isAnswered(answer), false);
    publish('orders-a', known + 1);
    assert.equal(await isAnswered(answer), true);
  });

  it('holds for no longer than it was asked to', async () => {
    const { node, news } = newsOf();
    const startedMs = performance.now();
    await news.ofTopic(TOPIC, { after: node.routesRevision(), holdMs: 30 });
    assert.ok(performance.now() - startedMs >= 25);
    assert.equal(news.held, 0);
  });

  it('holds it too while there is no leader, so that the first decision of the next one is heard at once', async () => {
    const { node, news, publish } = newsOf();
    publish('orders-a', 3);
    publish('orders-b', 3);
    node.current = false;
    const answer = news.ofTopic(TOPIC, { after: node.routesRevision() + 3, holdMs: LONG_MS });
    assert.equal(await isAnswered(answer), false);
    publish('orders-a', node.routesRevision() + 4);
    assert.equal(await isAnswered(answer), true);
  });

  it('holds nothing for a topic that is none, and beyond its limit', async () => {
    const { node, news } = newsOf(1);
    const after = node.routesRevision();
    const held = news.ofTopic(TOPIC, { after, holdMs: LONG_MS });
    assert.equal(await isAnswered(held), false);
    assert.equal(await isAnswered(news.ofTopic(TOPIC, { after, holdMs: LONG_MS })), true);
    assert.equal(news.held, 1);
    const nobody = { ...TOPIC, topic: topicName('nobody') };
    assert.equal(await isAnswered(newsOf().news.ofTopic(nobody, { after, holdMs: LONG_MS })), true);
  });

  it('answers what it holds when it closes', async () => {
    const { node, news } = newsOf();
    const answer = news.ofTopic(TOPIC, { after: node.routesRevision(), holdMs: LONG_MS });
    news.close();
    assert.equal(await isAnswered(answer), true);
  });
});

describe('GET /v1/routes/:topic with after and holdMs', () => {
  it('answers when the group changes, with the newest route', async () => {
    const { node, url } = await openDoor();
    const after = node.routesRevision();
    const asked = fetch(`${url}/v1/routes/orders?cluster=default&idc=idc-a&after=${after}&holdMs=10000`);
    const first = await Promise.race([asked, new Promise((done) => setTimeout(done, 50, 'held'))]);
    assert.equal(first, 'held');
    node.publish({ type: 'routesChanged', index: after + 1, group: keyOf('orders-a'), epoch: 2 });
    const response = await asked;
    assert.equal(response.status, 200);
    routeAnswerSchema.parse(await response.json());
  });

  it('is not remembered, so that the next one is held as well', async () => {
    const { node, url } = await openDoor();
    const path = `${url}/v1/routes/orders?cluster=default&after=${node.routesRevision()}&holdMs=40`;
    for (let turn = 0; turn < 2; turn += 1) {
      const startedMs = performance.now();
      assert.equal((await fetch(path)).status, 200);
      assert.ok(performance.now() - startedMs >= 35);
    }
  });

  it('refuses a time that is too long, or no index', async () => {
    const { url } = await openDoor();
    for (const query of ['after=1&holdMs=10001', 'after=x&holdMs=1']) {
      const response = await fetch(`${url}/v1/routes/orders?cluster=default&${query}`);
      assert.equal(response.status, 400, query);
    }
  });
});
