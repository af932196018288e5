import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../src/contract/endpoints.ts';
import { routeAnswerSchema } from '../../../src/contract/routes.ts';
import type { MetadataState } from '../../../src/core/metadata/state.ts';
import { type SiteName, siteName } from '../../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../../src/core/primitives/refusal.ts';
import type { HttpDoorPorts } from '../../../src/doors/http/door-ports.ts';
import { RouteAnswers } from '../../../src/doors/http/route-answers.ts';
import { RouteNews } from '../../../src/doors/http/route-news.ts';
import { systemTimers } from '../../../src/platform/system-timers.ts';
import { FakeSentinels } from '../../core/sentinels/fake-sentinels.ts';
import { openDoor } from './door-fixture.ts';
import { addActiveGroup, FakeNode, fakeNode, keyOf, must } from './fake-node.ts';

const groupsOf = (route: { readonly groups: readonly { readonly group: string }[] }): string[] =>
  route.groups.map(({ group }) => group);

describe('GET /v1/routes/:topic', () => {
  it('lists the groups of the IDC that is asked for first, with what it takes to write', async () => {
    const { ask } = await openDoor();
    const route = await ask(ENDPOINTS.route, '/v1/routes/orders?idc=idc-b', { token: false });
    assert.deepEqual(groupsOf(route), ['orders-b', 'orders-a']);
    assert.deepEqual(route.groups[0]?.write, {
      syncSetVersion: 1,
      user: 'w-1',
      waitCount: 2,
      degraded: false,
      policy: 'cross-idc',
    });
    assert.deepEqual(route.groups[0]?.master, {
      replica: 'orders-b-1',
      idc: 'idc-b',
      address: '127.0.0.1:7201',
    });
    assert.equal(route.revision.incarnation, 'tier-1');
    assert.equal(route.stale, false);
  });

  it('places a client that names no IDC by its address; the witness site and strangers are near to nothing', async () => {
    let place: SiteName | null = siteName('idc-b');
    const { ask } = await openDoor(fakeNode(), (address) => {
      assert.equal(address, '127.0.0.1');
      return place;
    });
    const near = async () => {
      const { groups } = await ask(ENDPOINTS.route, '/v1/routes/orders');
      return groups.filter((group) => group.near).map(({ group }) => group);
    };
    assert.deepEqual(await near(), ['orders-b']);
    place = siteName('idc-a');
    assert.deepEqual(await near(), ['orders-a']);
    place = siteName('witness');
    assert.deepEqual(await near(), []);
    place = null;
    assert.deepEqual(await near(), []);
  });

  it('refuses unknown topics and IDCs, bad names and unknown parameters, also when asked again', async () => {
    const { refusal } = await openDoor();
    for (const _ of [1, 2]) {
      assert.equal((await refusal('unknownTopic', '/v1/routes/none?idc=idc-a')).field, 'topic');
      assert.match((await refusal('unknownSite', '/v1/routes/orders?idc=idc-z')).expected ?? '', /idc-a/);
      await refusal('unknownSite', '/v1/routes/orders?idc=witness');
      assert.equal((await refusal('invalidRequest', '/v1/routes/orders?idc=')).field, 'idc');
      assert.equal((await refusal('invalidRequest', '/v1/routes/orders?idc=idc-a&idc=idc-b')).field, 'idc');
      assert.equal((await refusal('invalidRequest', '/v1/routes/orders?site=idc-a')).field, 'site');
      assert.equal((await refusal('invalidRequest', '/v1/routes/a%20b')).field, 'topic');
      assert.match(
        (await refusal('invalidRequest', '/v1/routes/orders?consistency=strong')).expected ?? '',
        /linearizable/,
      );
    }
  });

  it('waits for a read barrier where the client asks for it, each time', async () => {
    const { ask, refusal, node } = await openDoor();
    const path = '/v1/routes/orders?idc=idc-a&consistency=linearizable';
    node.current = false;
    node.answer = () => accepted({ kind: 'current', index: 1 });
    assert.equal((await ask(ENDPOINTS.route, path)).stale, false);
    await ask(ENDPOINTS.route, path);
    assert.equal(node.submitted.length, 2);
    node.answer = () => refused('noLeader', 'None.');
    await refusal('noLeader', path);
  });
});

/** Route answers over a node that counts how often its state is read. */
function countingAnswers(limit?: number) {
  const reads = { count: 0 };
  class CountingNode extends FakeNode {
    override state = (): typeof this.store => {
      reads.count += 1;
      return this.store;
    };
  }
  const node = new CountingNode();
  Object.assign(node.store, fakeNode().store satisfies MetadataState);
  const ports: HttpDoorPorts = {
    face: node,
    clock: { now: () => ({ monotonicMs: 0, wallMs: 0 }) },
    timers: systemTimers,
    sentinels: new FakeSentinels(),
    idcOfAddress: () => null,
    tails: async () => null,
    metrics: async () => ({ contentType: '', text: '' }),
    onBug: (error) => assert.fail(error),
  };
  const answers = new RouteAnswers(ports, new RouteNews(node), limit);
  const get = async (url: string) => {
    const ready = answers.ready(url, '127.0.0.1');
    if (ready !== null) return { ready: true, route: routeAnswerSchema.parse(JSON.parse(ready.text)) };
    const topic = url.split('?')[0]?.slice('/v1/routes/'.length);
    const answer = await answers.answer(url, { topic }, '127.0.0.1');
    assert.ok(answer.ok);
    return { ready: false, route: routeAnswerSchema.parse(JSON.parse(answer.value.text)) };
  };
  return { node, answers, get, reads };
}

describe('route answers', () => {
  const url = '/v1/routes/orders?idc=idc-a';

  it('sends the same bytes again without a look at the state', async () => {
    const { get, reads } = countingAnswers();
    assert.equal((await get(url)).ready, false);
    const { count } = reads;
    assert.equal((await get(url)).ready, true);
    assert.equal(reads.count, count);
  });

  it('says how many bytes it sends, which are not always as many as letters', async () => {
    const { get, answers } = countingAnswers();
    await get(url);
    const ready = answers.ready(url, '127.0.0.1');
    assert.equal(ready?.byteLength, new TextEncoder().encode(ready?.text).length);
  });

  it('works a route out anew when anything that it depends on was applied', async () => {
    const { get, node } = countingAnswers();
    const before = await get(url);
    must(
      node.apply({
        type: 'group.set',
        key: keyOf('orders-a'),
        policy: 'all',
        onShortage: 'block',
        timeFenceSeconds: null,
        detectionMs: null,
        cooldownMs: null,
        by: 'operator',
        wallMs: 0,
      }),
    );
    const after = await get(url);
    assert.equal(after.ready, false);
    assert.equal(after.route.groups[0]?.write?.policy, 'all');
    assert.ok(after.route.revision.index > before.route.revision.index);
    assert.equal((await get(url)).ready, true);
  });

  it('keeps its bytes over changes that no route depends on', async () => {
    const { get, node } = countingAnswers();
    await get(url);
    must(node.apply({ type: 'keyValue.set', key: 'a', value: 'b' }));
    assert.equal((await get(url)).ready, true);
  });

  it('says stale as soon as the node cannot confirm that it is current, and no longer than that', async () => {
    const { get, node } = countingAnswers();
    assert.equal((await get(url)).route.stale, false);
    node.current = false;
    assert.equal((await get(url)).route.stale, true);
    node.current = true;
    assert.equal((await get(url)).route.stale, false);
  });

  it('serves answers by address from its memory, too', async () => {
    const { get } = countingAnswers();
    await get('/v1/routes/orders');
    assert.equal((await get('/v1/routes/orders')).ready, true);
  });

  it('remembers no more than its limit, the newest of them, and no endless URLs', async () => {
    const { get, answers, node } = countingAnswers(3);
    addActiveGroup(node, 'orders-c', ['idc-a'], 7_301);
    for (const query of [
      'idc=idc-a',
      'idc=idc-b',
      'cluster=default&idc=idc-a',
      'cluster=default&idc=idc-b',
    ]) {
      await get(`/v1/routes/orders?${query}`);
    }
    assert.equal(answers.size, 3);
    assert.equal((await get('/v1/routes/orders?cluster=default&idc=idc-b')).ready, true);
    assert.equal((await get('/v1/routes/orders?idc=idc-a')).ready, false);
    const long = `/v1/routes/orders?idc=${'%69'.repeat(1)}dc-a${'&'.repeat(600)}`;
    await get(long);
    assert.equal((await get(long)).ready, false);
  });
});
