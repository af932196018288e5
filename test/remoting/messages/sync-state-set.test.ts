import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { controllerMetadataResponse } from '../../../src/remoting/messages/controller-metadata.ts';
import {
  getReplicaInfoRequest,
  getReplicaInfoResponse,
} from '../../../src/remoting/messages/get-replica-info.ts';
import {
  registerToControllerRequest,
  registerToControllerResponse,
} from '../../../src/remoting/messages/register-to-controller.ts';
import { decodeSyncStateSet, encodeSyncStateSet } from '../../../src/remoting/messages/sync-state-set.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

describe('a sync state set', () => {
  it('is written as Java writes it, and read back', () => {
    const set = { syncStateSet: [2], syncStateSetEpoch: 4 };
    assert.equal(encodeSyncStateSet(set).toString(), '{"syncStateSet":[2],"syncStateSetEpoch":4}');
    assert.deepEqual(valueIn(decodeSyncStateSet(encodeSyncStateSet(set))), set);
    assert.deepEqual(valueIn(decodeSyncStateSet(Buffer.from('{}'))), {
      syncStateSet: [],
      syncStateSetEpoch: 0,
    });
  });

  it('is refused with more brokers than a set has, or with what is no id', () => {
    const ids = Array.from({ length: 65 }, (_, id) => id);
    assert.match(
      damageIn(decodeSyncStateSet(encodeSyncStateSet({ syncStateSet: ids, syncStateSetEpoch: 1 }))),
      /^expected syncStateSet: a list of at most 64, found a list of 65$/,
    );
    assert.equal(
      damageIn(decodeSyncStateSet(Buffer.from('{"syncStateSet":[1,-2]}'))),
      'expected syncStateSet.1: the id of a broker, found -2',
    );
    assert.equal(
      damageIn(decodeSyncStateSet(Buffer.from('{"syncStateSet":[9223372036854775807]}'))),
      'expected syncStateSet.0: the id of a broker, found 9223372036854775807',
    );
  });
});

describe('what brokers ask a controller', () => {
  it('tells where the leader is, as Java writes it', () => {
    const sample = fieldsIn({
      controllerLeaderId: 'n0',
      controllerLeaderAddress: '127.0.0.1:9878',
      isLeader: 'true',
      peers: 'n0:127.0.0.1:9877;n1:127.0.0.1:9868;',
      group: 'g',
    });
    const metadata = valueIn(controllerMetadataResponse.decode(sample));
    assert.equal(metadata.isLeader, true);
    assert.deepEqual(controllerMetadataResponse.encode(metadata), sample);
  });

  it('takes the registration of a broker with its id, and answers with the master where there is one', () => {
    const fields = fieldsIn({
      clusterName: 'C',
      brokerName: 'broker-a',
      brokerId: '2',
      brokerAddress: '10.0.0.1:10911',
      invokeTime: '1795373267395',
    });
    assert.deepEqual(
      registerToControllerRequest.encode(valueIn(registerToControllerRequest.decode(fields))),
      fields,
    );
    const lost = registerToControllerResponse.encode({
      clusterName: 'C',
      brokerName: 'broker-a',
      masterBrokerId: null,
      masterAddress: null,
      masterEpoch: null,
      syncStateSetEpoch: null,
    });
    assert.deepEqual(lost, fieldsIn({ clusterName: 'C', brokerName: 'broker-a' }));
  });

  it('says who is master of a set', () => {
    assert.deepEqual(valueIn(getReplicaInfoRequest.decode(fieldsIn({ brokerName: 'broker-a' }))), {
      brokerName: 'broker-a',
    });
    const response = { masterBrokerId: 1, masterAddress: '10.0.0.1:10911', masterEpoch: 3 };
    const fields = getReplicaInfoResponse.encode(response);
    assert.deepEqual(
      fields,
      fieldsIn({ masterBrokerId: '1', masterAddress: '10.0.0.1:10911', masterEpoch: '3' }),
    );
    assert.deepEqual(valueIn(getReplicaInfoResponse.decode(fields)), response);
  });
});
