import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { RouteAnswer } from '../../src/contract/routes.ts';
import { RouteClient } from '../../src/sdk/route-client.ts';
import {
  allocationTo,
  type FakeAnswer,
  type FakeNode,
  json,
  refusal,
  routeAnswer,
  routeGroup,
  startFakeNode,
} from './fake-node.ts';

const nodes: FakeNode[] = [];

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function node(answer: FakeAnswer | RouteAnswer): Promise<FakeNode> {
  const given = 'kind' in answer ? answer : json(answer);
  const started = await startFakeNode(() => given);
  nodes.push(started);
  return started;
}

const route = (index: number, changes: Partial<RouteAnswer> = {}): RouteAnswer =>
  routeAnswer(index, [routeGroup('a', '127.0.0.1:7101')], changes);

const client = (asked: readonly FakeNode[], requestTimeoutMs = 10_000): RouteClient =>
  new RouteClient({ nodes: asked.map(({ url }) => url), idc: 'idc-a', requestTimeoutMs });

async function indexOf(asking: RouteClient): Promise<number | string> {
  const result = await asking.refresh('orders');
  return result.ok ? result.value.revision.index : result.refusal.code;
}

test('any node will do, and the one that answered is asked first the next time', async () => {
  const broken = [
    await node({ kind: 'text', text: 'no JSON' }),
    await node({ kind: 'text', text: '{}' }),
    await node(refusal('noLeader', 503)),
  ];
  const good = await node(route(5));
  const asking = client([...broken, good]);
  assert.equal(await indexOf(asking), 5);
  assert.equal(await indexOf(asking), 5);
  assert.deepEqual(
    broken.map(({ requests }) => requests.length),
    [1, 1, 1],
  );
  assert.equal(good.requests.length, 2);
});

test('a node that says nothing is given up after the time limit', async () => {
  const silent = await node({ kind: 'silence' });
  const good = await node(route(5));
  assert.equal(await indexOf(client([silent, good], 1_000)), 5);
});

test('the client asks for its IDC and cluster, with names escaped', async () => {
  const good = await node(route(5));
  const asking = new RouteClient({ nodes: [good.url], idc: 'idc-b', cluster: 'blue' });
  await asking.refresh('a/b?c');
  assert.equal(good.requests[0]?.url.pathname, '/v1/routes/a%2Fb%3Fc');
  assert.equal(good.requests[0]?.url.search, '?cluster=blue&idc=idc-b');
});

test('no answer takes the client back', async () => {
  const first = await node(route(5));
  const asking = client([first]);
  assert.equal(await indexOf(asking), 5);
  first.answerWith(() => json(route(4)));
  assert.equal(await indexOf(asking), 5);
  first.answerWith(() => json(route(6)));
  assert.equal(await indexOf(asking), 6);
});

test('what one topic has shown holds for every other', async () => {
  const behind = await node(route(5));
  const asking = client([behind]);
  assert.equal(await indexOf(asking), 5);
  behind.answerWith(() => json(route(4)));
  const other = await asking.refresh('audit');
  assert.equal(other.ok ? null : other.refusal.code, 'noLeader');
});

test('a node that is behind is passed over for one that is not', async () => {
  const first = await node(route(5));
  const second = await node(route(7));
  const asking = client([first, second]);
  assert.equal(await indexOf(asking), 5);
  first.answerWith(() => json(route(4)));
  assert.equal(await indexOf(asking), 7);
});

test('a restored tier replaces the one before for good', async () => {
  const first = await node(route(90));
  const asking = client([first]);
  assert.equal(await indexOf(asking), 90);
  first.answerWith(() => json(route(3, { revision: { incarnation: 'tier-2', index: 3 } })));
  assert.equal(await indexOf(asking), 3);
  first.answerWith(() => json(route(95)));
  assert.equal(await indexOf(asking), 3);
});

test('a confirmed answer is preferred; an unconfirmed one is better than none', async () => {
  const stale = await node(route(5, { stale: true }));
  const staler = await node(route(4, { stale: true }));
  const current = await node(route(5));
  assert.equal(await indexOf(client([staler, stale])), 5);
  const result = await client([stale, current]).refresh('orders');
  assert.equal(result.ok && result.value.stale, false);
});

test('a known route is given up only when every node refuses the topic', async () => {
  const first = await node(route(5));
  const second = await node({ kind: 'silence' });
  const asking = client([first, second], 1_000);
  assert.equal(await indexOf(asking), 5);
  first.answerWith(() => refusal('unknownTopic'));
  assert.equal(await indexOf(asking), 5, 'the other node may know it');
  second.answerWith(() => refusal('unknownTopic'));
  assert.equal(await indexOf(asking), 'unknownTopic');
  assert.equal(asking.known('orders'), null);
});

test('a refusal keeps its field and what was expected', async () => {
  const error = { code: 'unknownSite', message: 'No.', field: 'idc', expected: 'idc-a | idc-b' };
  const result = await client([await node(json({ error }, 404))]).refresh('orders');
  assert.deepEqual(result, { ok: false, refusal: error });
});

test('questions that overlap are one question', async () => {
  const good = await node(route(5));
  const asking = client([good]);
  await Promise.all([asking.refresh('orders'), asking.refresh('orders'), asking.refresh('orders')]);
  assert.equal(good.requests.length, 1);
});

test('an allocation is asked for with all members', async () => {
  const good = await node(json(allocationTo('m1', 5, [routeGroup('a', '127.0.0.1:7101')])));
  const result = await client([good]).allocate('orders', [{ member: 'm1', idc: 'idc-a' }], 'billing');
  assert.ok(result.ok);
  assert.equal(result.value.assignments[0]?.queues.length, 2);
  assert.equal(good.requests[0]?.method, 'POST');
  assert.deepEqual(JSON.parse(good.requests[0]?.body ?? ''), {
    members: [{ member: 'm1', idc: 'idc-a' }],
    consumerGroup: 'billing',
  });
});

test('a malformed IDC is refused before anybody is asked', async () => {
  const good = await node(route(5));
  const asking = new RouteClient({ nodes: [good.url], idc: 'idc a' });
  assert.equal(await indexOf(asking), 'invalidRequest');
  assert.equal(good.requests.length, 0);
});
