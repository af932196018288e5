import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { RouteAnswer } from '../../src/contract/routes.ts';
import { SDK_LIMITS } from '../../src/sdk/limits.ts';
import { Producer, type ProducerOptions, type SendOutcome } from '../../src/sdk/producer.ts';
import type { SdkEvent } from '../../src/sdk/sdk-event.ts';
import { streamKey } from '../../src/sdk/stream-key.ts';
import { decodeMessage } from '../../src/sdk/stream-message.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import {
  type FakeNode,
  json,
  refusal,
  routeAnswer,
  routeGroup,
  startFakeNode,
  writeTerms,
} from './fake-node.ts';
import { type RedisProxy, startRedisProxy } from './redis-proxy.ts';
import { entriesOn } from './stream-entries.ts';

const cleanups: (() => Promise<void>)[] = [];
let master: RedisServer;
let proxy: RedisProxy;
let node: FakeNode;

const keep = <Thing>(thing: Thing, stop: (thing: Thing) => Promise<void>): Thing => {
  cleanups.push(() => stop(thing));
  return thing;
};

const aclLines = (...versions: readonly number[]): readonly string[] =>
  versions.map((version) => `user w-${version} on nopass ~* &* +@all -@admin`);

const redis = async (config: readonly string[] = []): Promise<RedisServer> =>
  keep(await startRedis({ config }), (server) => server.stop());

beforeEach(async () => {
  master = await redis([...aclLines(1, 2), 'repl-diskless-sync-delay 0']);
  proxy = keep(await startRedisProxy(master.port), (started) => started.stop());
  node = keep(await startFakeNode(() => json(routeAnswer(1, [routeGroup('a', proxy.address)]))), (started) =>
    started.stop(),
  );
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const serve = (route: RouteAnswer): void => node.answerWith(() => json(route));

function producer(options: Partial<ProducerOptions> = {}): Producer {
  const made = new Producer({
    nodes: [node.url],
    idc: 'idc-a',
    sendTimeoutMs: 5_000,
    waitRoundMs: 100,
    ...options,
  });
  return keep(made, (started) => started.close(0));
}

const entries = (server: RedisServer = master) => entriesOn(server);

async function replicaOf(server: RedisServer): Promise<RedisServer> {
  const replica = await redis([`replicaof 127.0.0.1 ${server.port}`]);
  const client = server.client();
  await client.set('probe', '1');
  // Resolves once the replica is attached and has everything.
  assert.equal(await client.wait(1, 10_000), 1);
  return replica;
}

function assertAcknowledged(
  outcome: SendOutcome,
): asserts outcome is Extract<SendOutcome, { kind: 'acknowledged' }> {
  assert.equal(outcome.kind, 'acknowledged', JSON.stringify(outcome));
}

test('a message is written to a queue of the nearest group and acknowledged with its place', async () => {
  const outcome = await producer().send('orders', { body: 'hello', key: 'k', properties: { colour: 'red' } });
  assertAcknowledged(outcome);
  assert.equal(outcome.group, 'a');
  assert.equal(outcome.epoch, 1);
  const [entry] = await master.client().xrangeBuffer(streamKey('default', 'orders', outcome.queue), '-', '+');
  assert.equal(entry?.[0]?.toString(), outcome.entryId);
  const message = decodeMessage(entry?.[1] ?? []);
  assert.deepEqual(message, {
    id: outcome.id,
    key: 'k',
    body: Buffer.from('hello'),
    properties: { colour: 'red' },
    bornWallMs: message?.bornWallMs,
  });
  assert.deepEqual(node.requests[0]?.url.searchParams.get('idc'), 'idc-a');
});

test('messages of one turn to one queue share one WAIT', async () => {
  const sender = producer();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, number) => sender.send('orders', { body: `${number}`, key: 'k' })),
  );
  for (const outcome of outcomes) assertAcknowledged(outcome);
  assert.equal(proxy.connections.length, 1);
  const commands = proxy.connections[0] ?? [];
  assert.equal(commands.filter((command) => command === 'XADD').length, 50);
  assert.ok(commands.filter((command) => command === 'WAIT').length <= 2, commands.join(' '));
  assert.equal(new Set((await entries()).map((entry) => entry.id)).size, 50);
});

test('with enough replicas a write is acknowledged, by WAIT on the connection that took it', async () => {
  await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  assertAcknowledged(await producer().send('orders', { body: 'held' }));
  assert.equal(proxy.connections.length, 1);
  const commands = proxy.connections[0] ?? [];
  // A replica that has just attached may take longer than one WAIT blocks: then it is asked once more.
  const [first, ...rest] = commands.slice(commands.indexOf('XADD'));
  assert.equal(first, 'XADD');
  assert.ok(rest.length > 0 && rest.every((command) => command === 'WAIT'), commands.join(' '));
});

test('with too few replicas a write is not acknowledged, and written once however often WAIT is asked', async () => {
  await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 2) })]));
  const outcome = await producer({ sendTimeoutMs: 1_500 }).send('orders', { body: 'short' });
  assert.equal(outcome.kind, 'unknown');
  assert.equal(outcome.kind === 'unknown' && outcome.reason, 'tooFewReplicas');
  assert.equal((await entries()).length, 1);
  assert.ok((proxy.connections[0] ?? []).filter((command) => command === 'WAIT').length >= 2);
});

test('a write that is short of replicas is acknowledged as soon as they return', async () => {
  const replica = await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  replica.signal('SIGSTOP');
  const waited = new Promise<void>((resolve) => {
    proxy.onCommand((command, connection) => {
      const waits = (proxy.connections[connection] ?? []).filter((name) => name === 'WAIT').length;
      if (command[0] === 'WAIT' && waits === 2) resolve();
      return 'pass';
    });
  });
  const sent = producer().send('orders', { body: 'late' });
  await waited;
  replica.signal('SIGCONT');
  assertAcknowledged(await sent);
  assert.equal((await entries()).length, 1);
});

/** Lets the XADDs of the first session through and cuts it before its WAIT. */
function cutFirstBeforeWait(): void {
  let done = false;
  proxy.onCommand((command) => {
    if (done || command[0]?.toUpperCase() !== 'WAIT') return 'pass';
    done = true;
    return 'cut';
  });
}

test('a master that waits for its slaves is asked again as soon as they are there, on the same connection', async () => {
  await master.client().config('SET', 'min-replicas-to-write', '1');
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  const events: SdkEvent[] = [];
  const sender = producer({ waitRoundMs: 400, onEvent: (event) => events.push(event) });
  const sent = sender.send('orders', { body: 'soon' });
  await redis([`replicaof 127.0.0.1 ${master.port}`]);
  assertAcknowledged(await sent);
  assert.equal((await entries()).length, 1);
  assert.equal(proxy.connections.length, 1, JSON.stringify(events));
});

test('a master that stays without slaves is left, and nothing is written to it', async () => {
  await master.client().config('SET', 'min-replicas-to-write', '1');
  const events: SdkEvent[] = [];
  const sender = producer({ sendTimeoutMs: 1_500, onEvent: (event) => events.push(event) });
  const outcome = await sender.send('orders', { body: 'never' });
  assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
  assert.ok(events.some(({ type }) => type === 'disconnected'));
  await master.client().config('SET', 'min-replicas-to-write', '0');
  assert.deepEqual(await entries(), []);
});

test('a connection cut between write and WAIT never acknowledges', async () => {
  await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  cutFirstBeforeWait();
  const outcome = await producer({ retryUnknown: false }).send('orders', { body: 'trap' });
  assert.equal(outcome.kind, 'unknown', JSON.stringify(outcome));
  assert.equal(outcome.kind === 'unknown' && outcome.reason, 'connectionLost');
  assert.equal((await entries()).length, 1, 'the master took the write');
});

test('after such a cut, the message is written again under its id before WAIT is asked anew', async () => {
  await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  cutFirstBeforeWait();
  const outcome = await producer().send('orders', { body: 'again', key: 'k', id: 'm-1' });
  assertAcknowledged(outcome);
  assert.deepEqual(
    (await entries()).map((entry) => entry.id),
    ['m-1', 'm-1'],
  );
  const second = (proxy.connections[1] ?? []).filter((command) => command === 'XADD' || command === 'WAIT');
  // A busy machine may let a round of WAIT pass; what counts is what comes first.
  assert.deepEqual(second.slice(0, 2), ['XADD', 'WAIT']);
});

test('a connection that is cut with WAIT unanswered never acknowledges, though the replica has the write', async () => {
  await replicaOf(master);
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 2) })]));
  proxy.onCommand((command) => {
    if (command[0] === 'WAIT') setImmediate(() => proxy.cutAll());
    return 'pass';
  });
  const outcome = await producer({ retryUnknown: false, waitRoundMs: 5_000 }).send('orders', { body: 'x' });
  assert.equal(outcome.kind === 'unknown' && outcome.reason, 'connectionLost', JSON.stringify(outcome));
});

test('once an attempt may have written, a later refusal does not make the outcome certain', async () => {
  cutFirstBeforeWait();
  let asked = 0;
  node.answerWith(() => {
    asked += 1;
    return asked === 1 ? json(routeAnswer(1, [routeGroup('a', proxy.address)])) : refusal('unknownTopic');
  });
  const outcome = await producer().send('orders', { body: 'x' });
  assert.equal(outcome.kind, 'unknown', JSON.stringify(outcome));
});

test('a deleted user makes the producer ask for the route and go on as the new user', async () => {
  const events: SdkEvent[] = [];
  let disconnected: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    disconnected = resolve;
  });
  const onEvent = (event: SdkEvent): void => {
    events.push(event);
    if (event.type === 'disconnected') disconnected();
  };
  const sender = producer({ onEvent });
  assertAcknowledged(await sender.send('orders', { body: 'first' }));
  serve(routeAnswer(2, [routeGroup('a', proxy.address, { write: writeTerms(2, 0) })]));
  await master.client().call('ACL', 'DELUSER', 'w-1');
  await gone;
  assertAcknowledged(await sender.send('orders', { body: 'second' }));
  assert.ok(events.some((event) => event.type === 'routeChanged' && event.index === 2));
  assert.deepEqual((await entries()).map((entry) => entry.body).sort(), ['first', 'second']);
});

test('after a failover the message goes to the new master of the newer epoch', async () => {
  const next = await redis(aclLines(2));
  const sender = producer();
  assertAcknowledged(await sender.send('orders', { body: 'before' }));
  await master.kill();
  let asked = 0;
  node.answerWith(() => {
    asked += 1;
    const fenced = routeAnswer(2, [routeGroup('a', null)]);
    const active = routeAnswer(3, [routeGroup('a', next.address, { epoch: 2, write: writeTerms(2, 0) })]);
    return json(asked < 3 ? fenced : active);
  });
  const outcome = await sender.send('orders', { body: 'after' });
  assertAcknowledged(outcome);
  assert.equal(outcome.epoch, 2);
  assert.deepEqual(
    (await entries(next)).map((entry) => entry.body),
    ['after'],
  );
});

test('nodes without a leader cost a message nothing but time', async () => {
  let asked = 0;
  node.answerWith(() => {
    asked += 1;
    return asked < 4 ? refusal('noLeader', 503) : json(routeAnswer(1, [routeGroup('a', proxy.address)]));
  });
  assertAcknowledged(await producer().send('orders', { body: 'patient' }));
});

test('a master that became a replica is left without a second copy', async () => {
  const sender = producer();
  assertAcknowledged(await sender.send('orders', { body: 'before' }));
  const next = await redis(aclLines(2));
  await master.client().replicaof('127.0.0.1', 1);
  serve(routeAnswer(2, [routeGroup('a', next.address, { epoch: 2, write: writeTerms(2, 0) })]));
  const outcome = await sender.send('orders', { body: 'after' });
  assertAcknowledged(outcome);
  assert.equal(outcome.epoch, 2);
  assert.deepEqual(
    (await entries(next)).map((entry) => entry.body),
    ['after'],
  );
});

test('a stopped master neither holds a send for ever nor acknowledges it', async () => {
  serve(routeAnswer(1, [routeGroup('a', master.address)]));
  const sender = producer({ retryUnknown: false });
  assertAcknowledged(await sender.send('orders', { body: 'before', key: 'k' }));
  master.signal('SIGSTOP');
  const outcome = await sender.send('orders', { body: 'stuck', key: 'k' });
  master.signal('SIGCONT');
  assert.equal(outcome.kind === 'unknown' && outcome.reason, 'timedOut', JSON.stringify(outcome));
});

test('a group that fails is passed over for one of the other IDC', async () => {
  const other = await redis(aclLines(1));
  const far = routeGroup('b', other.address, { near: false, idc: 'idc-b' });
  serve(routeAnswer(1, [routeGroup('a', proxy.address), far]));
  const sender = producer();
  const first = await sender.send('orders', { body: 'near' });
  assertAcknowledged(first);
  assert.equal(first.group, 'a');
  await master.kill();
  const second = await sender.send('orders', { body: 'far' });
  assertAcknowledged(second);
  assert.equal(second.group, 'b');
});

test('refusals are told apart: what may pass is tried again, what may not is answered at once', async () => {
  node.answerWith(() => refusal('unknownTopic'));
  const unknownTopic = await producer({ sendTimeoutMs: 60_000 }).send('orders', { body: 'x' });
  assert.equal(unknownTopic.kind === 'refused' && unknownTopic.code, 'unknownTopic');

  serve(routeAnswer(1, [routeGroup('a', null)]));
  const fenced = await producer({ sendTimeoutMs: 200 }).send('orders', { body: 'x' });
  assert.equal(fenced.kind === 'refused' && fenced.code, 'noWritableGroup');

  serve(routeAnswer(1, [routeGroup('a', '127.0.0.1:1')]));
  const unreachable = await producer({ sendTimeoutMs: 200 }).send('orders', { body: 'x' });
  assert.equal(unreachable.kind === 'refused' && unreachable.code, 'brokerUnreachable');

  const tooLarge = await producer().send('orders', { body: 'x'.repeat(2_000_000) });
  assert.equal(tooLarge.kind === 'refused' && tooLarge.code, 'bodyTooLarge');
});

test('a write that the broker rejects for good is refused, and the others of its batch are not harmed', async () => {
  const sender = producer();
  await master.client().set(streamKey('default', 'orders', 0), 'no stream');
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map((number) => sender.send('orders', { body: `${number}` })),
  );
  const refused = outcomes.filter((outcome) => outcome.kind === 'refused');
  assert.deepEqual([...new Set(refused.map((outcome) => outcome.code))], ['brokerRefused']);
  assert.equal(refused.length, 2);
  assert.equal(outcomes.filter((outcome) => outcome.kind === 'acknowledged').length, 2);
  assert.equal(proxy.connections.length, 1);
});

test('a topic whose route is older does not bring older terms of a group back', async () => {
  node.answerWith(({ url }) => {
    const old = url.pathname.endsWith('/audit');
    const group = routeGroup('a', proxy.address, { write: writeTerms(old ? 1 : 2, 0), epoch: old ? 1 : 2 });
    return json(routeAnswer(5, [group]));
  });
  const sender = producer();
  assertAcknowledged(await sender.send('orders', { body: 'new' }));
  const outcome = await sender.send('audit', { body: 'old' });
  assertAcknowledged(outcome);
  assert.equal(outcome.epoch, 2);
  for (const commands of proxy.connections) assert.ok(commands.length > 0);
  assert.ok(proxy.connections.length <= SDK_LIMITS.writeConnectionsPerGroup);
});

test('while the slaves of one write are waited for, a write to another queue goes on', async () => {
  const waitRoundMs = 3_000;
  serve(routeAnswer(1, [routeGroup('a', proxy.address, { write: writeTerms(1, 1) })]));
  const sender = producer({ waitRoundMs });
  const isWritten = (count: number) => async () => (await entries()).length === count;
  void sender.send('orders', { body: 'nobody confirms it' });
  await eventually('the first is written', isWritten(1));
  const startedMs = performance.now();
  void sender.send('orders', { body: 'nor this one' });
  await eventually('the second is written', isWritten(2));
  assert.ok(performance.now() - startedMs < waitRoundMs - 500, 'it did not wait for the WAIT of the first');
});

test('a closed producer refuses, and lets what is under way end', async () => {
  const sender = producer();
  const sent = sender.send('orders', { body: 'last' });
  await sender.close();
  assertAcknowledged(await sent);
  const outcome = await sender.send('orders', { body: 'too late' });
  assert.equal(outcome.kind === 'refused' && outcome.code, 'closed');
});

test('closing does not wait for a send that cannot succeed', async () => {
  serve(routeAnswer(1, [routeGroup('a', null)]));
  const sender = producer({ sendTimeoutMs: 60_000 });
  const sent = sender.send('orders', { body: 'x' });
  await sender.close(50);
  assert.equal((await sent).kind, 'refused');
});
