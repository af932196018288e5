import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { tierEventSchema } from '../../../src/contract/events.ts';
import type { TierEvent } from '../../../src/core/coordinator/effects.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { EventStreams } from '../../../src/doors/http/event-streams.ts';
import { openDoor } from './door-fixture.ts';
import { FakeNode, fakeNode, keyOf } from './fake-node.ts';

const event: TierEvent = { type: 'routesChanged', index: 12, group: keyOf('orders-a'), epoch: 2 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function openStream(url: string): Promise<IncomingMessage> {
  const sent = request(`${url}/v1/events`).end();
  sent.on('error', () => undefined);
  cleanUps.push(() => sent.destroy());
  const [response]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(response !== undefined);
  return response.setEncoding('utf8');
}

/** Reads until the text so far has a match. */
async function readUntil(stream: IncomingMessage, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (pattern.test(text)) return text;
  }
  return assert.fail(`the stream ended after: ${text}`);
}

describe('GET /v1/events', () => {
  it('sends each event with its index, name and data', async () => {
    const { node, url } = await openDoor();
    const stream = await openStream(url);
    await readUntil(stream, /retry: 1000\n\n/);
    node.publish(event);
    node.publish({ type: 'leadership', index: 13, leader: nodeName('node-b'), term: 4 });
    const text = await readUntil(stream, /node-b.*\n\n/);
    const [first, second] = text.trim().split('\n\n');
    assert.match(first ?? '', /^id: 12\nevent: routesChanged\ndata: /);
    const data = tierEventSchema.parse(JSON.parse(/data: (.*)/.exec(first ?? '')?.[1] ?? ''));
    assert.deepEqual(data, {
      type: 'routesChanged',
      index: 12,
      cluster: 'default',
      group: 'orders-a',
      epoch: 2,
    });
    assert.match(second ?? '', /^id: 13\nevent: leadership\n/);
  });

  it('forgets a reader that went away, and ends the others when it closes', async () => {
    const { node, url, door } = await openDoor();
    // The door itself listens for what held answers wait for.
    const beforeReaders = node.listeners.size;
    const leaving = await openStream(url);
    const staying = await openStream(url);
    assert.equal(node.listeners.size, beforeReaders + 1);
    leaving.destroy();
    node.publish(event);
    await readUntil(staying, /routesChanged/);
    const ended = once(staying, 'close');
    staying.resume();
    staying.on('error', () => undefined);
    await door.close();
    await ended;
    assert.equal(node.listeners.size, 0);
  });

  it('cuts a reader off that does not read, and keeps on serving the others', async () => {
    const node = new FakeNode();
    Object.assign(node.store, fakeNode().store);
    const streams = new EventStreams(node, 64 * 1024);
    const server = createServer((_request, response) => streams.add(response)).listen(0, '127.0.0.1');
    cleanUps.push(
      () => streams.close(),
      () => server.close(),
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const slow = await openStream(`http://127.0.0.1:${port}`);
    slow.pause();
    slow.on('error', () => undefined);
    const fast = await openStream(`http://127.0.0.1:${port}`);
    fast.resume();
    assert.equal(streams.readers, 2);
    const message = 'x'.repeat(8 * 1024);
    for (let index = 0; streams.readers === 2; index += 1) {
      assert.ok(index < 10_000, 'a reader that does not read is cut off');
      node.publish({ type: 'alert', index, group: keyOf('orders-a'), message });
      await new Promise(setImmediate);
    }
    assert.equal(streams.readers, 1);
    const seen = readUntil(fast, /leadership/);
    node.publish({ type: 'leadership', index: 1, leader: null, term: 1 });
    await seen;
  });
});
