/** The admin client: one question to several nodes, and a change that is never made twice. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { AdminClient } from '../../src/sdk/admin-client.ts';
import { type FakeAnswer, type FakeNode, json, refusal, startFakeNode } from './fake-node.ts';

const TIMEOUT_MS = 2_000;
const noGroups = json({ groups: [], stale: false });
const committed = json({ kind: 'committed', index: 9 });

const started: FakeNode[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((node) => node.stop()));
});

async function nodeAnswering(answer: FakeAnswer): Promise<FakeNode> {
  const node = await startFakeNode(() => answer);
  started.push(node);
  return node;
}

async function deadNode(): Promise<string> {
  const node = await startFakeNode(() => noGroups);
  await node.stop();
  return node.url;
}

const clientOf = (...nodes: readonly string[]): AdminClient =>
  new AdminClient({ nodes, token: 'secret', timeoutMs: TIMEOUT_MS });

const remove = (client: AdminClient) =>
  client.call('groupRemove', { parameters: { group: 'a.b' }, query: { cluster: 'east' } });

describe('a question', () => {
  it('carries parameters, query, body and token', async () => {
    const node = await nodeAnswering(committed);
    await clientOf(node.url).call('groupChange', {
      parameters: { group: 'a.b' },
      query: { cluster: 'east' },
      body: { policy: 'all' },
    });
    const [request] = node.requests;
    assert.equal(request?.method, 'PATCH');
    assert.equal(`${request?.url.pathname}${request?.url.search}`, '/v1/groups/a.b?cluster=east');
    assert.equal(request?.body, '{"policy":"all"}');
    assert.equal(request?.authorization, 'Bearer secret');
  });

  it('goes on to the next node, and starts there the next time', async () => {
    const silent = await nodeAnswering({ kind: 'silence' });
    const node = await nodeAnswering(noGroups);
    const client = clientOf(silent.url, node.url);
    const first = await client.call('groupList', {});
    assert.ok(first.ok);
    assert.equal(first.node, node.url);
    assert.ok((await client.call('groupList', {})).ok);
    assert.equal(silent.requests.length, 1);
    assert.equal(node.requests.length, 2);
  });

  it('goes on from a node without a leader, but takes any other refusal as the word of the tier', async () => {
    const lost = await nodeAnswering(refusal('noLeader', 503));
    const node = await nodeAnswering(noGroups);
    assert.ok((await clientOf(lost.url, node.url).call('groupList', {})).ok);

    const refusing = await nodeAnswering(refusal('unknownGroup'));
    const asked = await remove(clientOf(refusing.url, node.url));
    assert.ok(!asked.ok && asked.failure.kind === 'refused');
    assert.equal(asked.failure.refusal.code, 'unknownGroup');
    assert.equal(node.requests.length, 1);
  });

  it('names every node that did not answer', async () => {
    const [one, two] = [await deadNode(), await deadNode()];
    const asked = await clientOf(one, two).call('groupList', {});
    assert.ok(!asked.ok && asked.failure.kind === 'unreachable');
    assert.equal(asked.failure.details.length, 2);
    assert.match(asked.failure.details[0] ?? '', /ECONNREFUSED/);
  });

  it('does not take an answer of another shape', async () => {
    const node = await nodeAnswering(json({ groups: 'none' }));
    const asked = await clientOf(node.url).call('groupList', {});
    assert.ok(!asked.ok && asked.failure.kind === 'unreachable');
    assert.match(asked.failure.details[0] ?? '', /unexpected answer/);
  });
});

describe('a change', () => {
  it('goes on where nothing was sent', async () => {
    const node = await nodeAnswering(committed);
    assert.ok((await remove(clientOf(await deadNode(), node.url))).ok);
  });

  it('is not sent to a second node once it may have been made', async () => {
    const silent = await nodeAnswering({ kind: 'silence' });
    const node = await nodeAnswering(committed);
    const asked = await remove(clientOf(silent.url, node.url));
    assert.ok(!asked.ok && asked.failure.kind === 'outcomeUnknown');
    assert.equal(node.requests.length, 0);
  });
});
