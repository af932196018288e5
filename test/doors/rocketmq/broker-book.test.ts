import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BrokerHeard } from '../../../src/core/coordinator/broker-sets/broker-heard.ts';
import { clusterName, groupName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { BrokerBook } from '../../../src/doors/rocketmq/broker-book.ts';

const identity = (nth: number) => ({
  cluster: clusterName('C'),
  name: groupName('broker-a'),
  address: `10.1.0.${nth}:10911`,
});

function bookAt() {
  const heard: BrokerHeard[] = [];
  const at = { nowMs: 0 };
  const clock = { now: () => ({ monotonicMs: at.nowMs, wallMs: at.nowMs }) };
  const book = new BrokerBook({ brokerHeard: (one) => heard.push(one) }, clock);
  const heartbeat = (nth: number, channel: number, timeoutMs = 10_000): void =>
    book.heard({
      ...identity(nth),
      what: 'heartbeat',
      channel,
      brokerId: nth,
      epoch: 1,
      maxOffset: 100n,
      confirmOffset: 90n,
      timeoutMs,
      priority: 0,
      zone: null,
    });
  return { book, heard, at, heartbeat };
}

describe('BrokerBook', () => {
  it('tells of the end of a connection once for every broker that spoke on it, and of no other', () => {
    const { book, heard, heartbeat } = bookAt();
    heartbeat(1, 7);
    heartbeat(1, 7);
    book.heard({ ...identity(2), what: 'registered', channel: 7, brokerId: 0 });
    heartbeat(3, 8);
    heard.length = 0;
    book.closed(7);
    assert.deepEqual(heard, [
      { ...identity(1), what: 'closed', channel: 7 },
      { ...identity(2), what: 'closed', channel: 7 },
    ]);
    book.closed(7);
    assert.equal(heard.length, 2);
    assert.equal(book.isOfBroker(7), false);
    assert.equal(book.isOfBroker(8), true);
  });

  it('takes a broker for alive as long as its own timeout says, and its connection stands', () => {
    const { book, at, heartbeat } = bookAt();
    heartbeat(1, 7, 3_000);
    at.nowMs = 3_000;
    assert.equal(book.isAlive(identity(1)), true);
    at.nowMs = 3_001;
    assert.equal(book.isAlive(identity(1)), false);
    heartbeat(1, 7);
    book.closed(7);
    assert.equal(book.isAlive(identity(1)), false);
  });

  it('does not bury a broker that has come back over another connection', () => {
    const { book, heartbeat } = bookAt();
    heartbeat(1, 7);
    heartbeat(1, 8);
    book.closed(7);
    assert.equal(book.isAlive(identity(1)), true);
  });

  it('remembers only so many brokers of one connection, and still hands on what they say', () => {
    const { book, heard, heartbeat } = bookAt();
    const many = LIMITS.rocketmqBrokersPerConnection + 10;
    for (let nth = 1; nth <= many; nth += 1) heartbeat(nth, 7);
    assert.equal(heard.length, many);
    book.closed(7);
    assert.equal(heard.length, many + LIMITS.rocketmqBrokersPerConnection);
  });
});
