import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  controllerHeartbeat,
  decodeBrokerHeartbeat,
  nameServerHeartbeat,
} from '../../../src/remoting/messages/broker-heartbeat.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

/** As Java wrote them. */
const sample = fieldsIn({
  brokerId: '1',
  electionPriority: '2147483647',
  confirmOffset: '900',
  heartbeatTimeoutMills: '10000',
  clusterName: 'C',
  brokerAddr: '10.0.0.1:10911',
  epoch: '2',
  maxOffset: '1000',
  brokerName: 'broker-a',
});

describe('a heartbeat', () => {
  it('is a controller’s where it has an id', () => {
    const { to, heartbeat } = valueIn(decodeBrokerHeartbeat(sample));
    assert.equal(to, 'controller');
    assert.deepEqual(heartbeat, {
      clusterName: 'C',
      brokerAddr: '10.0.0.1:10911',
      brokerName: 'broker-a',
      brokerId: 1,
      epoch: 2,
      maxOffset: 1000n,
      confirmOffset: 900n,
      heartbeatTimeoutMills: 10_000,
      electionPriority: 2_147_483_647,
    });
    assert.deepEqual(controllerHeartbeat.encode(valueIn(controllerHeartbeat.decode(sample))), sample);
  });

  it('is a name server’s where it has none', () => {
    const fields = fieldsIn({ clusterName: 'C', brokerAddr: '10.0.0.1:10911', brokerName: 'broker-a' });
    const { to, heartbeat } = valueIn(decodeBrokerHeartbeat(fields));
    assert.equal(to, 'nameServer');
    assert.deepEqual(nameServerHeartbeat.encode(heartbeat), fields);
  });

  it('loses no digit of an offset, and refuses more than 64 bits', () => {
    const offset = (value: string) => decodeBrokerHeartbeat(new Map([...sample, ['maxOffset', value]]));
    const most = valueIn(offset('9223372036854775807'));
    assert.ok(most.to === 'controller');
    assert.equal(most.heartbeat.maxOffset, 9_223_372_036_854_775_807n);
    assert.equal(
      damageIn(offset('9223372036854775808')),
      'expected maxOffset: a whole number of 64 bits, found "9223372036854775808"',
    );
  });

  it('may leave out how far the broker is', () => {
    const fields = new Map(sample);
    for (const name of ['epoch', 'maxOffset', 'confirmOffset', 'heartbeatTimeoutMills', 'electionPriority']) {
      fields.delete(name);
    }
    const { heartbeat } = valueIn(decodeBrokerHeartbeat(fields));
    assert.ok('epoch' in heartbeat);
    assert.deepEqual([heartbeat.epoch, heartbeat.maxOffset, heartbeat.electionPriority], [null, null, null]);
  });
});
