import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogThrottle } from '../../src/platform/log-throttle.ts';

describe('log throttle', () => {
  it('lets a line through once in its interval, each key for itself', () => {
    const mayLog = createLogThrottle(100);
    assert.deepEqual(
      [mayLog('a', 0), mayLog('b', 1), mayLog('a', 99), mayLog('a', 100), mayLog('a', 150), mayLog('b', 102)],
      [true, true, false, true, false, true],
    );
  });

  it('lets more through rather than remember keys without end', () => {
    const mayLog = createLogThrottle(1_000_000);
    assert.ok(mayLog('first', 0));
    for (let key = 0; key < 1_100; key += 1) assert.ok(mayLog(`key ${key}`, 1));
    assert.ok(mayLog('first', 2));
  });
});
