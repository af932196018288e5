import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStallDetector, STALL_LIMITS, startStallWatch } from '../../src/platform/stall-watch.ts';

const limits = { intervalMs: 50, stallMs: 300, jumpMs: 500 };

/** Feeds readings that are `passedMs` of monotonic and `wallMs` of wall time apart. */
function detect(...steps: readonly (readonly [passedMs: number, wallMs: number])[]): number[] {
  const detector = createStallDetector(limits);
  let now = { monotonicMs: 1_000, wallMs: 1_700_000_000_000 };
  detector(now);
  return steps.map(([passedMs, wallMs]) => {
    now = { monotonicMs: now.monotonicMs + passedMs, wallMs: now.wallMs + wallMs };
    return detector(now);
  });
}

describe('stall watch', () => {
  it('is quiet while readings come about when they should', () => {
    assert.deepEqual(detect([50, 50], [349, 349], [50, 51], [1, 0]), [0, 0, 0, 0]);
  });

  it('reports by how much a reading came too late, once', () => {
    assert.deepEqual(detect([2_050, 2_050], [50, 50]), [2_000, 0]);
  });

  it('reports a wall clock that was set, in either direction', () => {
    assert.deepEqual(detect([50, 3_600_050], [50, 50], [50, -59_950]), [3_600_000, 0, 60_000]);
  });

  it('reports a machine that slept, which monotonic time does not count', () => {
    assert.deepEqual(detect([60, 30_060]), [30_000]);
  });

  it('takes a clock that is slowly corrected for what it is', () => {
    assert.deepEqual(detect([50, 52], [50, 48], [50, 549]), [0, 0, 0]);
  });

  it('notices a real stall of this process', async () => {
    const stalled = new Promise<number>((resolve) => {
      const watch = startStallWatch({
        limits: { ...STALL_LIMITS, intervalMs: 5, stallMs: 40 },
        onStall: (stalledMs) => {
          watch.stop();
          resolve(stalledMs);
        },
      });
    });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 80);
    // The watch does not keep the process alive; this does.
    const alive = setInterval(() => undefined, 1_000);
    try {
      const stalledMs = await stalled;
      assert.ok(stalledMs > 40, `${stalledMs} ms`);
    } finally {
      clearInterval(alive);
    }
  });
});
