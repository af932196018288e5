import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LOOK_INTERVAL_MS,
  StaleWatch,
  subscriberPatienceMs,
} from '../../../../src/doors/sentinel/events/stale-watch.ts';

const PATIENCE_MS = 5_000;

function watchOf() {
  const node = { current: true, nowMs: 1_000, subscribers: 3 };
  const ended: [number, number][] = [];
  const watch = new StaleWatch({
    face: { isCurrent: () => node.current },
    clock: { now: () => ({ monotonicMs: node.nowMs, wallMs: 0 }) },
    patienceMs: PATIENCE_MS,
    endSubscribers: () => {
      const count = node.subscribers;
      node.subscribers = 0;
      return count;
    },
    onEnded: (...told) => ended.push(told),
  });
  /** Looks at intervals until so much time is over. */
  const passes = (ms: number): void => {
    const untilMs = node.nowMs + ms;
    while (node.nowMs < untilMs) {
      node.nowMs += LOOK_INTERVAL_MS;
      watch.look();
    }
  };
  return { node, watch, ended, passes };
}

describe('StaleWatch', () => {
  it('ends subscribers once the node was not current for so long, and says so once', () => {
    const { node, ended, passes } = watchOf();
    passes(60_000);
    node.current = false;
    passes(PATIENCE_MS - LOOK_INTERVAL_MS);
    assert.deepEqual(ended, []);
    passes(LOOK_INTERVAL_MS);
    assert.deepEqual(ended, [[3, PATIENCE_MS]]);
    passes(60_000);
    assert.equal(ended.length, 1);
  });

  it('begins anew each time the node was current: elections that end drive nobody away', () => {
    const { node, ended, passes } = watchOf();
    for (let election = 0; election < 10; election += 1) {
      node.current = false;
      passes(PATIENCE_MS - LOOK_INTERVAL_MS);
      node.current = true;
      passes(LOOK_INTERVAL_MS);
    }
    assert.deepEqual(ended, []);
  });

  it('does not count time in which the process stood still', () => {
    const { node, watch, ended } = watchOf();
    node.current = false;
    node.nowMs += 60_000;
    watch.look();
    assert.deepEqual(ended, []);
  });

  it('has patience for several elections, whatever one takes', () => {
    assert.equal(subscriberPatienceMs(50), 5_000);
    assert.equal(subscriberPatienceMs(500), 5_000);
    assert.equal(subscriberPatienceMs(2_000), 20_000);
  });
});
