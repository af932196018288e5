import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Consumer, type ConsumerOptions } from '../../src/sdk/consumer.ts';
import type { Delivery } from '../../src/sdk/deliveries.ts';
import type { SdkEvent } from '../../src/sdk/sdk-event.ts';
import { streamKey } from '../../src/sdk/stream-key.ts';
import { encodeMessage } from '../../src/sdk/stream-message.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { allocationTo, type FakeNode, json, routeAnswer, routeGroup, startFakeNode } from './fake-node.ts';

const GROUP = 'billing';
const UNTIL_MS = 20_000;
const cleanups: (() => Promise<void>)[] = [];
let master: RedisServer;
let node: FakeNode;

const keep = <Thing>(thing: Thing, stop: (thing: Thing) => Promise<void>): Thing => {
  cleanups.push(() => stop(thing));
  return thing;
};

const redis = async (config: readonly string[] = []): Promise<RedisServer> =>
  keep(await startRedis({ config }), (server) => server.stop());

/** Route and allocation of one group with two queues, both for member `m1` unless said. */
function serve(index: number, address: string | null, epoch = 1, member = 'm1', order = false): void {
  const group = routeGroup('a', address, { epoch });
  node.answerWith(({ url }) =>
    url.pathname.startsWith('/v1/allocation')
      ? json(allocationTo(member, index, [group]))
      : json(routeAnswer(index, [group], { order })),
  );
}

beforeEach(async () => {
  master = await redis(['repl-diskless-sync-delay 0']);
  node = keep(await startFakeNode(() => ({ kind: 'silence' })), (started) => started.stop());
  serve(1, master.address);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Writes as a producer does. */
async function write(server: RedisServer, queue: number, ...bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await writeAs(server, queue, '*', body);
}

async function writeAs(server: RedisServer, queue: number, entryId: string, body: string): Promise<void> {
  const encoded = encodeMessage(`id-${body}`, { body }, 1);
  assert.ok(encoded.ok);
  await server.client().xadd(streamKey('default', 'orders', queue), entryId, ...encoded.value.fields);
}

type Watched = {
  readonly consumer: Consumer;
  readonly bodies: string[];
  readonly events: SdkEvent[];
  /** Resolves when it holds, rejects after a long while; looked at before and after every delivery, and after every event. */
  until(condition: () => boolean): Promise<void>;
};

function consume(options: Partial<ConsumerOptions> = {}): Watched {
  const bodies: string[] = [];
  const events: SdkEvent[] = [];
  const waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const look = (): void => {
    for (const entry of [...waiting]) {
      if (!entry.condition()) continue;
      waiting.splice(waiting.indexOf(entry), 1);
      entry.resolve();
    }
  };
  const consumer = new Consumer({
    nodes: [node.url],
    idc: 'idc-a',
    topic: 'orders',
    consumerGroup: GROUP,
    member: 'm1',
    blockMs: 100,
    refreshMs: 100,
    ...options,
    handler: async (message: Delivery) => {
      bodies.push(message.body.toString());
      setImmediate(look);
      try {
        await options.handler?.(message);
      } finally {
        setImmediate(look);
      }
    },
    onEvent: (event) => {
      events.push(event);
      setImmediate(look);
    },
  });
  keep(consumer, (started) => started.close(100));
  const started = consumer.start();
  assert.ok(started.ok, JSON.stringify(started));
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never came true: ${condition}`)), UNTIL_MS);
      waiting.push({
        condition,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
      look();
    });
  return { consumer, bodies, events, until };
}

async function pendingCount(server: RedisServer, queue: number): Promise<number> {
  const [count] = await server.client().xpending(streamKey('default', 'orders', queue), GROUP);
  return Number(count);
}

test('messages of all allocated queues are handled and acknowledged', async () => {
  await write(master, 0, 'a', 'b');
  const { consumer, bodies, until, events } = consume();
  await until(() => bodies.length === 2);
  await write(master, 1, 'c');
  await until(() => bodies.length === 3);
  await consumer.close();
  assert.deepEqual([...bodies].sort(), ['a', 'b', 'c']);
  assert.equal(await pendingCount(master, 0), 0);
  assert.equal(await pendingCount(master, 1), 0);
  assert.ok(events.some((event) => event.type === 'allocated' && event.queues.length === 2));
});

test('a restart under the same name finds what was pending', async () => {
  await write(master, 0, 'a', 'b');
  const client = master.client();
  const key = streamKey('default', 'orders', 0);
  await client.xgroup('CREATE', key, GROUP, '0');
  // Delivered to an earlier life of m1 that ended before it had handled them.
  await client.xreadgroup('GROUP', GROUP, 'm1', 'COUNT', 10, 'STREAMS', key, '>');
  const { consumer, bodies, until } = consume();
  await until(() => bodies.length === 2);
  await consumer.close();
  assert.equal(await pendingCount(master, 0), 0);
});

test('what a member that is gone left pending is taken over', async () => {
  await write(master, 0, 'a');
  const client = master.client();
  const key = streamKey('default', 'orders', 0);
  await client.xgroup('CREATE', key, GROUP, '0');
  await client.xreadgroup('GROUP', GROUP, 'gone', 'COUNT', 10, 'STREAMS', key, '>');
  const { consumer, bodies, until } = consume({ claimIdleMs: 100 });
  await until(() => bodies.length === 1);
  await consumer.close();
  assert.equal(await pendingCount(master, 0), 0);
});

test('after a failover nothing is skipped, whatever was under way', async () => {
  const replica = await redis([`replicaof 127.0.0.1 ${master.port}`]);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await write(master, 0, 'a', 'b');
  const { consumer, bodies, events, until } = consume({
    handler: async ({ body }) => {
      if (body.toString() === 'b') await held;
    },
  });
  await until(() => bodies.includes('b'));
  assert.equal(await master.client().wait(1, 10_000), 1);
  await master.kill();
  serve(2, null);
  await until(() => events.some((event) => event.type === 'nodesRefused' && event.code === 'notActive'));
  await replica.client().replicaof('NO', 'ONE');
  await write(replica, 0, 'c');
  serve(3, replica.address, 2);
  await until(() => bodies.includes('c'));
  release();
  await until(() => events.some((event) => event.type === 'connected' && event.epoch === 2));
  await write(replica, 1, 'd');
  await until(() => bodies.includes('d'));
  await consumer.close();
  assert.deepEqual(
    bodies.filter((body) => body === 'b'),
    ['b'],
    'b ran on while its connection was lost',
  );
  assert.deepEqual([...new Set(bodies)].sort(), ['a', 'b', 'c', 'd']);
  assert.equal(await pendingCount(replica, 0), 0);
});

test('a consumer group that the new master lacks is read from the beginning, not from an id of another reign', async () => {
  await write(master, 0, 'old');
  const { consumer, bodies, events, until } = consume({ startFrom: 'latest' });
  await until(() => events.filter((event) => event.type === 'groupCreated').length === 2);
  // The new master lost the tail, and its clock is behind: what it numbers from now on is below what was seen.
  const next = await redis();
  await writeAs(next, 0, '1-0', 'a');
  await writeAs(next, 0, '2-0', 'b');
  await master.kill();
  serve(2, next.address, 2);
  await until(() => bodies.length === 2);
  await consumer.close();
  assert.deepEqual(bodies, ['a', 'b']);
});

test('a consumer group that was deleted under way is made again', async () => {
  await write(master, 0, 'a');
  const { consumer, bodies, until } = consume();
  await until(() => bodies.length === 1);
  await master.client().xgroup('DESTROY', streamKey('default', 'orders', 0), GROUP);
  await until(() => bodies.length === 2);
  assert.deepEqual(bodies, ['a', 'a']);
  await consumer.close();
});

test('a new group that starts from the latest entry sees only what comes after', async () => {
  await write(master, 0, 'old');
  const { consumer, bodies, events, until } = consume({ startFrom: 'latest' });
  await until(() => events.filter((event) => event.type === 'groupCreated').length === 2);
  await write(master, 0, 'new');
  await until(() => bodies.length > 0);
  await consumer.close();
  assert.deepEqual(bodies, ['new']);
});

test('a master that became a replica is left for the new one', async () => {
  const { consumer, bodies, events, until } = consume();
  await until(() => events.some((event) => event.type === 'connected'));
  const next = await redis();
  await write(next, 0, 'a');
  serve(2, next.address, 2);
  await master.client().replicaof('127.0.0.1', 1);
  await until(() => bodies.length === 1);
  await consumer.close();
});

test('a failing handler leaves the message pending, and it comes again', async () => {
  await write(master, 0, 'a');
  let failures = 0;
  const { consumer, bodies, events, until } = consume({
    claimIdleMs: 50,
    handler: () => {
      failures += 1;
      if (failures === 1) throw new Error('not now');
    },
  });
  await until(() => bodies.length === 2);
  await consumer.close();
  assert.equal(events.filter((event) => event.type === 'handlerFailed').length, 1);
  assert.equal(await pendingCount(master, 0), 0);
});

test('messages of an ordered topic are handled one after the other, also over a failure', async () => {
  serve(1, master.address, 1, 'm1', true);
  const numbers = Array.from({ length: 20 }, (_, number) => `${number}`);
  await write(master, 0, ...numbers);
  const done: string[] = [];
  let running = 0;
  let failed = false;
  const { consumer, until } = consume({
    handler: async ({ body }) => {
      running += 1;
      assert.equal(running, 1, 'two at once');
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (body.toString() === '3' && !failed) {
        failed = true;
        throw new Error('not now');
      }
      done.push(body.toString());
    },
  });
  await until(() => done.length === 20);
  await consumer.close();
  assert.deepEqual(done, numbers);
});

test('no more handlers run at once than allowed', async () => {
  await write(master, 0, ...Array.from({ length: 60 }, (_, number) => `x${number}`));
  const client = master.client();
  const key = streamKey('default', 'orders', 0);
  await client.xgroup('CREATE', key, GROUP, '0');
  // A page of pending messages is far more than may run at once.
  await client.xreadgroup('GROUP', GROUP, 'm1', 'COUNT', 60, 'STREAMS', key, '>');
  let running = 0;
  let most = 0;
  const { consumer, bodies, until } = consume({
    maxInFlight: 3,
    handler: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    },
  });
  await until(() => bodies.length === 60);
  await consumer.close();
  assert.equal(most, 3);
  assert.equal(new Set(bodies).size, 60);
});

test('an entry that is no message is passed over and does not stay pending', async () => {
  await master.client().xadd(streamKey('default', 'orders', 0), '*', 'what', 'ever');
  await write(master, 0, 'a');
  const { consumer, bodies, events, until } = consume();
  await until(() => bodies.length === 1);
  await consumer.close();
  assert.equal(events.filter((event) => event.type === 'malformedEntry').length, 1);
  assert.equal(await pendingCount(master, 0), 0);
});

test('queues that are allocated to another member are not read any more', async () => {
  const { consumer, events, bodies, until } = consume();
  await until(() => events.some((event) => event.type === 'connected'));
  serve(2, master.address, 1, 'm2');
  await until(() => events.some((event) => event.type === 'allocated' && event.queues.length === 0));
  const other = consume({ member: 'm2' });
  // The read that m1 was waiting in may end with the first message; it begins no further one.
  await write(master, 0, 'first');
  await eventually('somebody has it', () => bodies.length + other.bodies.length > 0);
  await write(master, 0, ...Array.from({ length: 20 }, (_, number) => `${number}`));
  await other.until(() => other.bodies.filter((body) => body !== 'first').length >= 20);
  await consumer.close();
  assert.deepEqual(
    bodies.filter((body) => body !== 'first'),
    [],
  );
});

test('a member that is not in its own list is refused', () => {
  const consumer = new Consumer({
    nodes: [node.url],
    idc: 'idc-a',
    topic: 'orders',
    consumerGroup: GROUP,
    member: 'm1',
    members: [{ member: 'm2', idc: 'idc-a' }],
    handler: () => undefined,
  });
  const started = consumer.start();
  assert.equal(started.ok ? null : started.refusal.code, 'invalidRequest');
});
