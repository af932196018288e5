import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeBrokerEpochCache,
  encodeBrokerEpochCache,
  OPEN_END,
} from '../../../src/remoting/messages/broker-epoch-cache.ts';
import {
  decodeBrokerHaStatus,
  encodeBrokerHaStatus,
} from '../../../src/remoting/messages/broker-ha-status.ts';
import { damageIn, valueIn } from './read-message.ts';

/** As Java wrote it. */
const SAMPLE =
  '{"brokerId":0,"brokerName":"broker-a","clusterName":"C","epochList":[{"endOffset":100,"epoch":1,"startOffset":0},{"endOffset":9223372036854775807,"epoch":2,"startOffset":100}],"maxOffset":1234}';

describe('the epochs of a broker', () => {
  const cache = {
    clusterName: 'C',
    brokerName: 'broker-a',
    brokerId: 0,
    epochList: [
      { epoch: 1, startOffset: 0n, endOffset: 100n },
      { epoch: 2, startOffset: 100n, endOffset: OPEN_END },
    ],
    maxOffset: 1_234n,
  };

  it('are read as Java writes them, to the last digit', () => {
    assert.deepEqual(valueIn(decodeBrokerEpochCache(Buffer.from(SAMPLE))), cache);
    assert.equal(encodeBrokerEpochCache(cache).toString(), SAMPLE);
  });

  it('are refused with an offset that is none', () => {
    const { epochList: _epochs, ...others } = cache;
    const body = encodeBrokerEpochCache({ ...others, epochList: [], maxOffset: OPEN_END + 1n });
    assert.equal(
      damageIn(decodeBrokerEpochCache(body)),
      'expected maxOffset: a whole number of 64 bits, found 9223372036854775808',
    );
    assert.equal(
      damageIn(decodeBrokerEpochCache(Buffer.from(SAMPLE.replace('1234', '12.5')))),
      'expected maxOffset: a whole number of 64 bits, found 12.5',
    );
    assert.equal(
      damageIn(decodeBrokerEpochCache(Buffer.from('{"brokerId":0,"brokerName":"b","clusterName":"C"}'))),
      'expected maxOffset: a whole number of 64 bits, found none',
    );
  });
});

describe('how replication stands', () => {
  it('is read of a master', () => {
    const text =
      '{"haClientRuntimeInfo":{"activated":false,"lastReadTimestamp":0,"lastWriteTimestamp":0,"masterFlushOffset":0,"maxOffset":0,"transferredByteInSecond":0},' +
      '"haConnectionInfo":[{"addr":"/10.0.0.2:40000","diff":0,"inSync":true,"slaveAckOffset":1234,"transferFromWhere":1234,"transferredByteInSecond":5}],' +
      '"inSyncSlaveNums":1,"master":true,"masterCommitLogMaxOffset":9223372036854775806}';
    const status = valueIn(decodeBrokerHaStatus(Buffer.from(text)));
    assert.equal(status.master, true);
    assert.equal(status.masterCommitLogMaxOffset, 9_223_372_036_854_775_806n);
    assert.deepEqual(status.haConnectionInfo, [
      {
        addr: '/10.0.0.2:40000',
        slaveAckOffset: 1_234n,
        diff: 0n,
        inSync: true,
        transferredByteInSecond: 5n,
        transferFromWhere: 1_234n,
      },
    ]);
    assert.equal(status.haClientRuntimeInfo?.masterAddr, null);
    assert.deepEqual(valueIn(decodeBrokerHaStatus(encodeBrokerHaStatus(status))), status);
  });

  it('is read where most is left out', () => {
    assert.deepEqual(valueIn(decodeBrokerHaStatus(Buffer.from('{}'))), {
      master: false,
      masterCommitLogMaxOffset: 0n,
      inSyncSlaveNums: 0,
      haConnectionInfo: [],
      haClientRuntimeInfo: null,
    });
  });
});
