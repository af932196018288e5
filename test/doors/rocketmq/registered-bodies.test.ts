import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { RegisteredBodies } from '../../../src/doors/rocketmq/registered-bodies.ts';

const version = (counter: number) => ({ stateVersion: 0, timestamp: 1, counter });

it('knows the same bytes of the same broker again, and no others', () => {
  const bodies = new RegisteredBodies();
  const body = Buffer.alloc(10);
  bodies.read('10.1.0.7:10911', body, 77, version(1));
  assert.deepEqual(bodies.versionOf('10.1.0.7:10911', Buffer.alloc(10), 77), version(1));
  assert.equal(bodies.versionOf('10.1.0.8:10911', body, 77), null);
  assert.equal(bodies.versionOf('10.1.0.7:10911', body, 78), null);
  assert.equal(bodies.versionOf('10.1.0.7:10911', Buffer.alloc(11), 77), null);
  bodies.read('10.1.0.7:10911', body, 78, version(2));
  assert.equal(bodies.versionOf('10.1.0.7:10911', body, 77), null);
});

it('remembers only so many brokers, those that were read last', () => {
  const bodies = new RegisteredBodies();
  const body = Buffer.alloc(1);
  for (let nth = 0; nth <= LIMITS.rocketmqBrokersHeard; nth += 1)
    bodies.read(`broker-${nth}`, body, nth, version(nth));
  assert.equal(bodies.versionOf('broker-0', body, 0), null);
  assert.deepEqual(bodies.versionOf('broker-1', body, 1), version(1));
});
