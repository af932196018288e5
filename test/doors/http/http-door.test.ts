import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../src/contract/endpoints.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { accepted } from '../../../src/core/primitives/refusal.ts';
import { openDoor } from './door-fixture.ts';
import { must } from './fake-node.ts';

const topic = { name: 'payments', queues: [{ group: 'orders-a', readQueues: 2, writeQueues: 2 }] };

describe('bad input at the HTTP door', () => {
  const refusedBodies: readonly [string, unknown, string, RegExp][] = [
    ['a wrong type', { ...topic, order: 'yes' }, 'order', /a boolean/],
    ['a missing field', { name: 'payments' }, 'queues', /an array/],
    ['an unknown field', { ...topic, ordre: true }, 'ordre', /no field of that name/],
    ['a bad name', { ...topic, name: 'no/slash' }, 'name', /letters, digits/],
    ['a name that no URL can carry', { ...topic, name: '..' }, 'name', /letters, digits/],
    ['a name that is too long', { ...topic, name: 'x'.repeat(128) }, 'name', /1 to 127/],
    ['a bad choice', { ...topic, permission: 'all' }, 'permission', /read \| write \| readWrite/],
    [
      'a count out of bounds',
      { ...topic, queues: [{ ...topic.queues[0], readQueues: 1_025 }] },
      'queues.0.readQueues',
      /at most 1024/,
    ],
    ['an array in place of an object', [topic], 'body', /an object/],
    ['a text in place of an object', 'topic', 'body', /an object/],
  ];
  for (const [what, body, field, expected] of refusedBodies) {
    it(`refuses ${what} with its field, and applies nothing`, async () => {
      const { refusal, node } = await openDoor();
      const error = await refusal('invalidRequest', '/v1/topics', { body });
      assert.equal(error.field, field);
      assert.match(error.expected ?? '', expected);
      assert.equal(node.submitted.length, 0);
    });
  }

  it('refuses what is not JSON', async () => {
    const { refusal, node } = await openDoor();
    const error = await refusal('invalidRequest', '/v1/topics', { rawBody: '{"name": payments}' });
    assert.equal(error.field, 'body');
    assert.equal(node.submitted.length, 0);
  });

  it('refuses a body that tries to reach object prototypes', async () => {
    const { refusal } = await openDoor();
    await refusal('invalidRequest', '/v1/topics', { rawBody: '{"__proto__": {"name": "x"}}' });
  });

  it('refuses another content type', async () => {
    const { refusal } = await openDoor();
    const error = await refusal('unsupportedMediaType', '/v1/topics', {
      rawBody: JSON.stringify(topic),
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(error.expected, 'application/json');
  });

  it('refuses a body that is too large', async () => {
    const { refusal, node } = await openDoor();
    const body = { ...topic, owner: 'x'.repeat(LIMITS.httpBodyBytes) };
    assert.match((await refusal('bodyTooLarge', '/v1/topics', { body })).expected ?? '', /262144 bytes/);
    assert.equal(node.submitted.length, 0);
  });

  it('refuses a body where none is expected', async () => {
    const { refusal } = await openDoor();
    await refusal('invalidRequest', '/v1/topics/orders', { method: 'DELETE', body: { force: true } });
  });

  it('refuses unknown, repeated and malformed query parameters', async () => {
    const { refusal } = await openDoor();
    assert.equal((await refusal('invalidRequest', '/v1/history?limits=3')).field, 'limits');
    assert.equal((await refusal('invalidRequest', '/v1/history?limit=0')).expected, 'at least 1');
    assert.match((await refusal('invalidRequest', '/v1/history?limit=1e2')).expected ?? '', /a whole number/);
    assert.equal((await refusal('invalidRequest', '/v1/groups?cluster=a&cluster=b')).field, 'cluster');
    assert.equal((await refusal('invalidRequest', '/v1/status?verbose=1')).field, 'verbose');
    assert.equal((await refusal('invalidRequest', '/v1/events?since=1')).field, 'since');
  });

  it('refuses bad names in the path, long ones included', async () => {
    const { refusal } = await openDoor();
    assert.equal((await refusal('invalidRequest', '/v1/topics/a%2Fb')).field, 'topic');
    assert.equal((await refusal('invalidRequest', `/v1/topics/${'x'.repeat(128)}`)).field, 'topic');
    await refusal('invalidRequest', '/v1/topics/%zz');
  });

  it('answers an unknown path with a hint, and a wrong method with the right ones', async () => {
    const { refusal, fetch } = await openDoor();
    assert.match((await refusal('unknownPath', '/v1/topic')).message, /openapi\.json/);
    assert.equal((await refusal('methodNotAllowed', '/v1/topics', { method: 'PUT' })).expected, 'GET, POST');
    assert.equal((await fetch('/v1/groups/x', { method: 'PUT' })).headers.get('allow'), 'GET, PATCH, DELETE');
  });

  it('answers what is not HTTP with a refusal, not with silence', async () => {
    const { url } = await openDoor();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('HELLO\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.match(text, /"code":"invalidRequest"/);
  });

  it('answers a head that is too long with 431', async () => {
    const { fetch } = await openDoor();
    const response = await fetch(`/v1/allocation/orders?members=${'m@idc-a,'.repeat(4_000)}`);
    assert.equal(response.status, 431);
    assert.match(await response.text(), /POST takes long lists/);
  });
});

describe('the operator token', () => {
  it('is needed by every endpoint that changes something or shows data of applications, and only by those', async () => {
    const { fetch } = await openDoor();
    for (const endpoint of Object.values(ENDPOINTS)) {
      if (endpoint.answerKind === 'events') continue;
      const path = endpoint.path.replaceAll(/:\w+/g, 'x');
      const { status } = await fetch(path, { method: endpoint.method, token: false });
      assert.equal(status === 401, endpoint.needsToken, `${endpoint.method} ${path} answered ${status}`);
    }
  });

  it('is asked for with a remedy, and a wrong one is refused before the body is looked at', async () => {
    const { refusal, fetch, node } = await openDoor();
    const error = await refusal('unauthorized', '/v1/topics', { body: topic, token: false });
    assert.match(error.message, /Authorization: Bearer/);
    const headers = { authorization: 'Bearer wrong' };
    await refusal('unauthorized', '/v1/topics', { rawBody: 'not JSON', headers });
    const { headers: answered } = await fetch('/v1/topics', { body: topic, headers });
    assert.equal(answered.get('www-authenticate'), 'Bearer');
    assert.equal(node.submitted.length, 0);
  });
});

describe('bugs and load', () => {
  it('reports a bug of its own without its detail', async () => {
    const { refusal, node, bugs } = await openDoor();
    node.answer = () => {
      throw new Error('secret detail');
    };
    const error = await refusal('internalError', '/v1/groups/orders-a/failover', { body: {} });
    assert.doesNotMatch(error.message, /secret/);
    assert.equal(bugs[0]?.message, 'secret detail');
  });

  it('treats a reply of the wrong kind as a bug', async () => {
    const { refusal, node, bugs } = await openDoor();
    node.answer = () => accepted({ kind: 'current', index: 1 });
    await refusal('internalError', '/v1/groups/orders-a/failover', { body: {} });
    assert.match(bugs[0]?.message ?? '', /failover was answered with current/);
  });

  it('ends held requests when it closes', async () => {
    const { node, fetch, door } = await openDoor();
    let held: Promise<unknown> = Promise.resolve();
    await new Promise<void>((arrived) => {
      node.answer = () => {
        arrived();
        return new Promise(() => undefined);
      };
      held = fetch('/v1/groups/orders-a/failover', { body: {} }).catch((error: unknown) => error);
    });
    await door.close();
    assert.ok((await held) instanceof Error);
  });
});

describe('operational pages', () => {
  it('answers health, readiness, metrics and a pointer', async () => {
    const { fetch, node } = await openDoor();
    assert.equal((await fetch('/healthz')).status, 200);
    assert.equal((await fetch('/readyz')).status, 503, 'the tier does not know its directory yet');
    must(node.apply({ type: 'member.join', node: nodeName('node-a'), directoryId: 'directory-1' }));
    assert.equal((await fetch('/readyz')).status, 200);
    node.current = false;
    assert.deepEqual(await (await fetch('/readyz')).json(), {
      ready: false,
      current: false,
      leader: 'node-a',
      joined: true,
    });
    node.current = true;
    node.leader = null;
    assert.equal((await fetch('/readyz')).status, 503);
    assert.equal(await (await fetch('/metrics')).text(), 'pollux_up 1\n');
    assert.match(await (await fetch('/')).text(), /openapi\.json/);
  });

  it('describes itself', async () => {
    const { fetch } = await openDoor();
    const text = await (await fetch('/openapi.json')).text();
    assert.match(text, /"openapi":"3\.1\.0"/);
    assert.match(text, /"version":"1\.2\.3"/);
  });
});
