import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deliveries, type Delivery } from '../../src/sdk/deliveries.ts';

const delivery = (entryId: string, queue = 0): Delivery => ({
  id: entryId,
  key: null,
  body: Buffer.from(entryId),
  properties: {},
  bornWallMs: 0,
  topic: 'orders',
  group: 'a',
  queue,
  entryId,
});

type Trial = {
  readonly deliveries: Deliveries;
  readonly handled: string[];
  readonly acknowledged: string[];
  /** Lets the oldest handler that runs end. */
  finish(): void;
  /** Whether the broker takes acknowledgements. */
  reachable: boolean;
};

function trial(maxInFlight: number): Trial {
  const handled: string[] = [];
  const acknowledged: string[] = [];
  const running: (() => void)[] = [];
  const made: Trial = {
    handled,
    acknowledged,
    finish: () => running.shift()?.(),
    reachable: true,
    deliveries: new Deliveries({
      maxInFlight,
      handler: ({ entryId }) => {
        handled.push(entryId);
        return new Promise((resolve) => running.push(resolve));
      },
      acknowledge: ({ entryId }) => {
        if (made.reachable) acknowledged.push(entryId);
        return Promise.resolve(made.reachable);
      },
      onEvent: () => undefined,
    }),
  };
  return made;
}

/** Everything that can happen without a further input has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an entry that is being handled is not begun a second time', async () => {
  const { deliveries, handled, acknowledged, finish } = trial(10);
  await deliveries.offer(delivery('1-0'), false);
  await deliveries.offer(delivery('1-0'), false);
  await settled();
  assert.deepEqual(handled, ['1-0']);
  finish();
  await settled();
  assert.deepEqual(acknowledged, ['1-0']);
});

test('an entry whose acknowledgement was lost is acknowledged when it is seen again, not handled', async () => {
  const run = trial(10);
  run.reachable = false;
  await run.deliveries.offer(delivery('1-0'), false);
  await settled();
  run.finish();
  await settled();
  run.reachable = true;
  await run.deliveries.offer(delivery('1-0'), false);
  await settled();
  assert.deepEqual(run.handled, ['1-0']);
  assert.deepEqual(run.acknowledged, ['1-0']);
});

test('an offer waits for room', async () => {
  const { deliveries, handled, finish } = trial(1);
  await deliveries.offer(delivery('1-0'), false);
  let begun = false;
  const offered = deliveries.offer(delivery('2-0'), false).then(() => {
    begun = true;
  });
  await settled();
  assert.equal(begun, false);
  finish();
  await offered;
  await settled();
  assert.deepEqual(handled, ['1-0', '2-0']);
});

test('with order, queues wait for their own entries only', async () => {
  const { deliveries, handled, finish } = trial(10);
  for (const entry of [delivery('1-0'), delivery('2-0'), delivery('3-0', 1)])
    await deliveries.offer(entry, true);
  await settled();
  assert.deepEqual(handled, ['1-0', '3-0']);
  finish();
  await settled();
  assert.deepEqual(handled, ['1-0', '3-0', '2-0']);
});

test('closing begins nothing more and does not wait beyond its time', async () => {
  const { deliveries, handled } = trial(1);
  await deliveries.offer(delivery('1-0'), false);
  const waiting = deliveries.offer(delivery('2-0'), false);
  await settled();
  await deliveries.close(20);
  await waiting;
  assert.deepEqual(handled, ['1-0']);
});
