import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { RouteAnswer } from '../../src/contract/routes.ts';
import { Producer } from '../../src/sdk/producer.ts';
import { RouteClient } from '../../src/sdk/route-client.ts';
import { RouteNews } from '../../src/sdk/route-news.ts';
import { startRedis } from '../support/redis-server.ts';
import { type FakeNode, json, routeAnswer, routeGroup, startFakeNode } from './fake-node.ts';

const OLD = routeAnswer(5, [routeGroup('a', '127.0.0.1:1')]);
const NEW = routeAnswer(6, [routeGroup('a', '127.0.0.1:2', { epoch: 2 })]);

const nodes: FakeNode[] = [];
const closing = new AbortController();
let heard: RouteAnswer[] = [];

const isNewsQuestion = ({ url }: { readonly url: URL }): boolean => url.searchParams.has('after');

/** A node that knows `route`, and answers questions for news with `news`, or never. */
async function nodeWith(route: RouteAnswer, news: RouteAnswer | null): Promise<FakeNode> {
  const node = await startFakeNode((request) => {
    if (!isNewsQuestion(request)) return json(route);
    return news === null ? { kind: 'silence' } : json(news);
  });
  nodes.push(node);
  return node;
}

async function newsFrom(...asked: readonly FakeNode[]): Promise<RouteNews> {
  const routes = new RouteClient({ nodes: asked.map(({ url }) => url), idc: 'idc-a' });
  assert.ok((await routes.refresh('orders')).ok);
  return new RouteNews(routes, (route) => heard.push(route), closing.signal);
}

beforeEach(() => {
  heard = [];
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

test('a pause ends as soon as a node has news, and the question names what is known', async () => {
  const silent = await nodeWith(OLD, null);
  const node = await nodeWith(OLD, NEW);
  const news = await newsFrom(silent, node);
  const startedMs = performance.now();
  await news.pause('orders', 30_000);
  assert.ok(performance.now() - startedMs < 10_000, 'the silent node was not waited for');
  assert.deepEqual(
    heard.map(({ revision }) => revision.index),
    [6],
  );
  assert.equal(node.requests.find(isNewsQuestion)?.url.searchParams.get('after'), '5');
});

test('a node that is silent is not waited for when another one had no news yet', async () => {
  const silent = await nodeWith(OLD, null);
  const node = await nodeWith(OLD, OLD);
  const news = await newsFrom(silent, node);
  await news.pause('orders', 150);
  node.answerWith((request) => json(isNewsQuestion(request) ? NEW : OLD));
  await news.pause('orders', 900);
  assert.deepEqual(
    heard.map(({ revision }) => revision.index),
    [6],
    'asked anew while the silent node still had time',
  );
});

test('a node that cannot say yet is asked again while another one is silent', async () => {
  const silent = await nodeWith(OLD, null);
  const node = await nodeWith(OLD, { ...OLD, stale: true });
  const news = await newsFrom(silent, node);
  const startedMs = performance.now();
  const heardOf = news.pause('orders', 30_000);
  setTimeout(() => node.answerWith((request) => json(isNewsQuestion(request) ? NEW : OLD)), 100);
  await heardOf;
  assert.ok(performance.now() - startedMs < 1_900, 'the silent node was not waited for');
  assert.equal(heard.length, 1);
});

test('what is no later than what is known is no news', async () => {
  const news = await newsFrom(await nodeWith(OLD, OLD));
  const startedMs = performance.now();
  await news.pause('orders', 60);
  assert.ok(performance.now() - startedMs >= 55);
  assert.deepEqual(heard, []);
});

test('many that wait for the same news hear of it once', async () => {
  const news = await newsFrom(await nodeWith(OLD, NEW));
  await Promise.all(Array.from({ length: 20 }, () => news.pause('orders', 30_000)));
  assert.equal(heard.length, 1);
});

test('nobody is asked for news while writes are quick; once one is overdue, until it settles', async () => {
  const node = await nodeWith(OLD, NEW);
  const news = await newsFrom(node);
  assert.equal(await news.during('orders', Promise.resolve('quick')), 'quick');
  assert.equal(node.requests.filter(isNewsQuestion).length, 0);
  let settle: (value: string) => void = () => undefined;
  const write = news.during(
    'orders',
    new Promise<string>((resolve) => {
      settle = resolve;
    }),
  );
  while (heard.length === 0) await new Promise((done) => setTimeout(done, 5));
  settle('late');
  assert.equal(await write, 'late');
  await new Promise((done) => setTimeout(done, 150));
  const asked = node.requests.length;
  await new Promise((done) => setTimeout(done, 150));
  assert.equal(node.requests.length, asked, 'and nobody is asked any more');
});

test('nodes that cannot say at the moment are asked again soon, and not all the time', async (t) => {
  const node = await nodeWith(OLD, { ...OLD, stale: true });
  const news = await newsFrom(node);
  let settle: () => void = () => undefined;
  const write = news.during(
    'orders',
    new Promise<void>((resolve) => {
      settle = resolve;
    }),
  );
  t.after(() => settle());
  await new Promise((done) => setTimeout(done, 1_200));
  const asked = node.requests.filter(isNewsQuestion).length;
  // At half of each pause: 10, 30 and 70 ms after the first question, which comes at 200 ms, and every 50 ms from then on.
  assert.ok(asked >= 2 && asked <= 23, `${asked} questions within a second`);
  node.answerWith(() => json(NEW));
  while (heard.length === 0) await new Promise((done) => setTimeout(done, 5));
  settle();
  await write;
});

test('a producer gives up a master that says nothing as soon as a node tells of the next reign', async (t) => {
  const users = ['user w-1 on nopass ~* &* +@all -@admin'];
  const [silent, next] = await Promise.all([startRedis({ config: users }), startRedis({ config: users })]);
  t.after(() => Promise.all([silent.stop(), next.stop()]));
  const reigns = (index: number, address: string) =>
    routeAnswer(index, [routeGroup('a', address, { epoch: index })]);
  const node = await nodeWith(reigns(1, silent.address), null);
  const producer = new Producer({
    nodes: [node.url],
    idc: 'idc-a',
    waitRoundMs: 4_000,
    sendTimeoutMs: 20_000,
  });
  t.after(() => producer.close(0));
  assert.equal((await producer.send('orders', { body: 'before' })).kind, 'acknowledged');
  silent.signal('SIGSTOP');
  node.answerWith(({ url }) =>
    json(url.searchParams.has('after') ? reigns(2, next.address) : reigns(1, silent.address)),
  );
  const startedMs = performance.now();
  const outcome = await producer.send('orders', { body: 'after' });
  assert.equal(outcome.kind === 'acknowledged' && outcome.epoch, 2, JSON.stringify(outcome));
  assert.ok(performance.now() - startedMs < 4_000, 'less than one round of WAIT');
});
