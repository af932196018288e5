import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvariantError } from '../../src/core/primitives/assert.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { WriteQueue } from '../../src/platform/write-queue.ts';

/** A write that ends when the test says so. */
function held(begun: string[], name: string) {
  let end: (error: Error | null) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === null ? resolve() : reject(error));
  });
  const write = (): Promise<void> => {
    begun.push(name);
    return ended;
  };
  return { write, end: (error: Error | null = null) => end(error) };
}

test('a write begins within the call where nothing is before it, and else when that has ended', async () => {
  const begun: string[] = [];
  const queue = new WriteQueue();
  const [one, two] = [held(begun, 'one'), held(begun, 'two')];
  const first = queue.add(one.write);
  assert.deepEqual(begun, ['one']);
  const second = queue.add(two.write);
  assert.deepEqual(begun, ['one']);
  one.end();
  await first;
  two.end();
  await second;
  assert.deepEqual(begun, ['one', 'two']);
  void queue.add(held(begun, 'three').write);
  assert.deepEqual(begun, ['one', 'two', 'three']);
});

test('behind a write that failed nothing is written, neither what waits nor what comes later', async () => {
  const begun: string[] = [];
  const queue = new WriteQueue();
  const one = held(begun, 'one');
  const first = queue.add(one.write);
  const second = queue.add(held(begun, 'two').write);
  one.end(new Error('no space left'));
  await assert.rejects(first, /no space left/);
  await assert.rejects(second, /no space left/);
  await assert.rejects(queue.add(held(begun, 'three').write), /no space left/);
  await assert.rejects(queue.settled(), /no space left/);
  assert.deepEqual(begun, ['one']);
});

test('more writes than may wait are a bug of the caller', () => {
  const queue = new WriteQueue();
  for (let count = 0; count < LIMITS.persistsWaiting; count += 1) void queue.add(held([], 'x').write);
  assert.throws(() => queue.add(held([], 'x').write), InvariantError);
});
