import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BrokerReplicasInfo,
  decodeBrokerNames,
  decodeBrokerReplicasInfo,
  encodeBrokerNames,
  encodeBrokerReplicasInfo,
} from '../../../src/remoting/messages/sync-state-data.ts';
import { damageIn, valueIn } from './read-message.ts';

describe('how broker sets stand', () => {
  it('is asked by a list of names', () => {
    assert.deepEqual(valueIn(decodeBrokerNames(encodeBrokerNames(['broker-a', 'broker-b']))), [
      'broker-a',
      'broker-b',
    ]);
    assert.equal(damageIn(decodeBrokerNames(Buffer.from('{}'))), 'expected a list, found an object');
    assert.equal(damageIn(decodeBrokerNames(Buffer.alloc(0))), 'expected a value at byte 0, found the end');
  });

  it('is written as Java writes it, and read back', () => {
    const info = tableOfOne({ id: 1, address: '10.0.0.1:10911' });
    const body = encodeBrokerReplicasInfo(info);
    assert.equal(
      body.toString(),
      '{"replicasInfoTable":{"broker-a":{"inSyncReplicas":[{"alive":true,"brokerAddress":"10.0.0.1:10911","brokerId":1,"brokerName":"broker-a"}],"masterAddress":"10.0.0.1:10911","masterBrokerId":1,"masterEpoch":2,"notInSyncReplicas":[],"syncStateSetEpoch":3}}}',
    );
    assert.deepEqual(valueIn(decodeBrokerReplicasInfo(body)), info);
    const lost = tableOfOne(null);
    assert.deepEqual(valueIn(decodeBrokerReplicasInfo(encodeBrokerReplicasInfo(lost))), lost);
  });
});

function tableOfOne(master: { readonly id: number; readonly address: string } | null): BrokerReplicasInfo {
  const info = {
    masterBrokerId: master?.id ?? null,
    masterAddress: master?.address ?? null,
    masterEpoch: 2,
    syncStateSetEpoch: 3,
    inSyncReplicas: [{ brokerName: 'broker-a', brokerId: 1, brokerAddress: '10.0.0.1:10911', alive: true }],
    notInSyncReplicas: [],
  };
  return { replicasInfoTable: new Map([['broker-a', info]]) };
}
