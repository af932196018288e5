import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/platform/system-clock.ts';

describe('system clock', () => {
  it('never goes back, and shows fractions of a millisecond', () => {
    const clock = systemClock();
    const readings = Array.from({ length: 1_000 }, () => clock.now().monotonicMs);
    readings.reduce((before, next) => {
      assert.ok(next >= before);
      return next;
    });
    assert.ok(readings.some((reading) => !Number.isInteger(reading)));
  });

  it('tells the wall time in milliseconds', () => {
    const before = Date.now();
    const { wallMs } = systemClock().now();
    assert.ok(wallMs >= before && wallMs <= Date.now());
  });
});
