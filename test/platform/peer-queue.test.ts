import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Frame, frameOf } from '../../src/platform/peer-frames.ts';
import { createPeerQueue } from '../../src/platform/peer-queue.ts';

const frameOfBytes = (bytes: number): Frame => frameOf([Buffer.alloc(bytes - 4)]);

describe('peer queue', () => {
  it('gives frames in their order, a few at a time', () => {
    const queue = createPeerQueue(1_000);
    const frames = [frameOfBytes(10), frameOfBytes(20), frameOfBytes(30)];
    for (const frame of frames) assert.equal(queue.push(frame), 0);
    assert.equal(queue.bytes(), 60);
    assert.deepEqual(queue.take(11), frames.slice(0, 2));
    assert.deepEqual(queue.take(1_000), frames.slice(2));
    assert.deepEqual(queue.take(1_000), []);
    assert.equal(queue.bytes(), 0);
  });

  it('takes nothing where there is no room', () => {
    const queue = createPeerQueue(1_000);
    queue.push(frameOfBytes(10));
    assert.deepEqual(queue.take(0), []);
    assert.deepEqual(queue.take(-5), []);
    assert.equal(queue.bytes(), 10);
  });

  it('drops the oldest beyond its limit, and says how many', () => {
    const queue = createPeerQueue(100);
    const frames = [40, 40, 15, 90].map(frameOfBytes);
    assert.deepEqual(
      frames.map((frame) => queue.push(frame)),
      [0, 0, 0, 3],
    );
    assert.deepEqual(queue.take(1_000), frames.slice(3));
  });

  it('forgets everything when it is cleared', () => {
    const queue = createPeerQueue(100);
    queue.push(frameOfBytes(10));
    queue.push(frameOfBytes(10));
    queue.take(1);
    assert.equal(queue.clear(), 1);
    assert.equal(queue.bytes(), 0);
    assert.deepEqual(queue.take(100), []);
  });

  it('agrees with a plain list over random histories', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), bytes: fc.integer({ min: 5, max: 60 }) }),
      fc.record({ kind: fc.constant('take' as const), bytes: fc.integer({ min: 0, max: 120 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createPeerQueue(200);
        let model: Frame[] = [];
        const bytesOf = (frames: readonly Frame[]): number =>
          frames.reduce((sum, { bytes }) => sum + bytes, 0);
        for (const { kind, bytes } of steps) {
          if (kind === 'push') {
            const frame = frameOfBytes(bytes);
            model.push(frame);
            queue.push(frame);
            while (bytesOf(model) > 200) model = model.slice(1);
          } else {
            const taken = queue.take(bytes);
            assert.deepEqual(taken, model.slice(0, taken.length));
            assert.ok(bytesOf(taken.slice(0, -1)) < Math.max(bytes, 1));
            model = model.slice(taken.length);
          }
          assert.equal(queue.bytes(), bytesOf(model));
        }
      }),
    );
  });

  it('stays small however much passes through it', () => {
    const queue = createPeerQueue(100_000);
    const kept = frameOfBytes(10);
    queue.push(kept);
    for (let round = 0; round < 5_000; round += 1) {
      queue.push(kept);
      assert.equal(queue.take(1).length, 1);
    }
    assert.equal(queue.bytes(), 10);
  });
});
