import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeElectMasterBody,
  electMasterRequest,
  electMasterResponse,
  encodeElectMasterBody,
} from '../../../src/remoting/messages/elect-master.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

const request = fieldsIn({
  clusterName: 'C',
  brokerName: 'broker-a',
  brokerId: '1',
  designateElect: 'false',
});

describe('an election', () => {
  it('is asked for by a broker, and by a controller for whoever is fit', () => {
    assert.deepEqual(valueIn(electMasterRequest.decode(request)), {
      clusterName: 'C',
      brokerName: 'broker-a',
      brokerId: 1,
      designateElect: false,
      invokeTime: null,
    });
    assert.equal(valueIn(electMasterRequest.decode(new Map([...request, ['brokerId', '-1']]))).brokerId, -1);
    assert.equal(
      damageIn(electMasterRequest.decode(new Map([...request, ['brokerId', '-2']]))),
      'expected brokerId: a whole number of at least 0, or -1, found "-2"',
    );
  });

  it('ends with a body that brokers and the tool for operators read', () => {
    const brokerMemberGroup = {
      cluster: 'C',
      brokerName: 'broker-a',
      brokerAddrs: new Map([
        [1, '10.0.0.1:10911'],
        [2, '10.0.0.2:10911'],
      ]),
    };
    const body = encodeElectMasterBody({ brokerMemberGroup, syncStateSet: [1] });
    const group =
      '"brokerAddrs":{"1":"10.0.0.1:10911","2":"10.0.0.2:10911"},"brokerName":"broker-a","cluster":"C"';
    assert.equal(body.toString(), `{${group},"brokerMemberGroup":{${group}},"syncStateSet":[1]}`);
    assert.deepEqual(valueIn(decodeElectMasterBody(body)), { brokerMemberGroup, syncStateSet: [1] });
  });

  it('that changes nothing has a body too', () => {
    const body = encodeElectMasterBody({ brokerMemberGroup: null, syncStateSet: [1, 2] });
    assert.equal(body.toString(), '{"syncStateSet":[1,2]}');
    assert.deepEqual(valueIn(decodeElectMasterBody(body)), { brokerMemberGroup: null, syncStateSet: [1, 2] });
  });

  it('names the master in its fields', () => {
    const response = {
      masterBrokerId: 1,
      masterAddress: '10.0.0.1:10911',
      masterEpoch: 2,
      syncStateSetEpoch: 3,
    };
    assert.deepEqual(valueIn(electMasterResponse.decode(electMasterResponse.encode(response))), response);
  });
});
