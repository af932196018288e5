import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  brokerMemberGroupRequest,
  decodeBrokerMemberGroup,
  encodeBrokerMemberGroup,
} from '../../../src/remoting/messages/broker-member-group.ts';
import { decodeClusterInfo, encodeClusterInfo } from '../../../src/remoting/messages/cluster-info.ts';
import { isSameDataVersion } from '../../../src/remoting/messages/data-version.ts';
import {
  decodeDataVersion,
  encodeDataVersion,
  queryDataVersionRequest,
  queryDataVersionResponse,
} from '../../../src/remoting/messages/query-data-version.ts';
import {
  deleteTopicRequest,
  registerTopicRequest,
} from '../../../src/remoting/messages/topic-in-name-server.ts';
import {
  decodeTopicList,
  encodeTopicList,
  topicsByClusterRequest,
} from '../../../src/remoting/messages/topic-list.ts';
import { unregisterBrokerRequest } from '../../../src/remoting/messages/unregister-broker.ts';
import {
  addWritePermissionResponse,
  wipeWritePermissionResponse,
  writePermissionRequest,
} from '../../../src/remoting/messages/write-permission.ts';
import { damageIn, fieldsIn, valueIn } from './read-message.ts';

const broker = {
  cluster: 'C',
  brokerName: 'broker-a',
  brokerAddrs: new Map([[0, '10.0.0.1:10911']]),
  zoneName: null,
  enableActingMaster: false,
};

describe('what else a name server is asked', () => {
  it('is all clusters and broker sets', () => {
    const info = {
      brokerAddrTable: new Map([['broker-a', broker]]),
      clusterAddrTable: new Map([['C', ['broker-a']]]),
    };
    const body = encodeClusterInfo(info);
    assert.equal(
      body.toString(),
      '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{"0":"10.0.0.1:10911"},"brokerName":"broker-a","cluster":"C","enableActingMaster":false}},"clusterAddrTable":{"C":["broker-a"]}}',
    );
    assert.deepEqual(valueIn(decodeClusterInfo(body)), info);
    const dialect = body.toString().replace('"0":', '0:');
    assert.deepEqual(valueIn(decodeClusterInfo(Buffer.from(dialect))), info);
  });

  it('is the brokers of a set', () => {
    const { zoneName: _zone, enableActingMaster: _acting, ...group } = broker;
    const body = encodeBrokerMemberGroup(group);
    assert.equal(
      body.toString(),
      '{"brokerMemberGroup":{"brokerAddrs":{"0":"10.0.0.1:10911"},"brokerName":"broker-a","cluster":"C"}}',
    );
    assert.deepEqual(valueIn(decodeBrokerMemberGroup(body)), group);
    assert.equal(
      damageIn(
        decodeBrokerMemberGroup(
          Buffer.from('{"brokerMemberGroup":{"brokerAddrs":{"x":"a"},"brokerName":"b","cluster":"C"}}'),
        ),
      ),
      'expected brokerMemberGroup.brokerAddrs.x: a whole number as key, found "a"',
    );
    const fields = fieldsIn({ clusterName: 'C', brokerName: 'broker-a' });
    assert.deepEqual(
      brokerMemberGroupRequest.encode(valueIn(brokerMemberGroupRequest.decode(fields))),
      fields,
    );
  });

  it('is whether it has a version', () => {
    const version = { stateVersion: 1, timestamp: 2, counter: 3 };
    assert.equal(encodeDataVersion(version).toString(), '{"counter":3,"stateVersion":1,"timestamp":2}');
    assert.deepEqual(valueIn(decodeDataVersion(encodeDataVersion(version))), version);
    assert.equal(valueIn(decodeDataVersion(Buffer.alloc(0))), null);
    assert.deepEqual(valueIn(decodeDataVersion(Buffer.from('{"counter":3,"timestamp":2}'))), {
      ...version,
      stateVersion: 0,
    });
    assert.ok(isSameDataVersion(version, { ...version }));
    for (const key of ['stateVersion', 'timestamp', 'counter'] as const) {
      assert.ok(!isSameDataVersion(version, { ...version, [key]: 9 }), key);
    }
    assert.deepEqual(queryDataVersionResponse.encode({ changed: true }), fieldsIn({ changed: 'true' }));
  });

  it('is lists of topics', () => {
    assert.equal(encodeTopicList({ topicList: ['A'], brokerAddr: null }).toString(), '{"topicList":["A"]}');
    const list = { topicList: ['A', 'B'], brokerAddr: '10.0.0.1:10911' };
    assert.deepEqual(valueIn(decodeTopicList(encodeTopicList(list))), list);
    assert.deepEqual(valueIn(topicsByClusterRequest.decode(fieldsIn({ cluster: 'C' }))), { cluster: 'C' });
  });

  it('is to forget a broker, and to change topics and permissions', () => {
    const fields = fieldsIn({
      brokerName: 'broker-a',
      brokerAddr: '10.0.0.1:10911',
      clusterName: 'C',
      brokerId: '0',
    });
    assert.deepEqual(unregisterBrokerRequest.encode(valueIn(unregisterBrokerRequest.decode(fields))), fields);
    assert.deepEqual(queryDataVersionRequest.encode(valueIn(queryDataVersionRequest.decode(fields))), fields);
    assert.deepEqual(valueIn(writePermissionRequest.decode(fields)), { brokerName: 'broker-a' });
    assert.deepEqual(
      wipeWritePermissionResponse.encode({ wipeTopicCount: 3 }),
      fieldsIn({ wipeTopicCount: '3' }),
    );
    assert.deepEqual(
      addWritePermissionResponse.encode({ addTopicCount: 3 }),
      fieldsIn({ addTopicCount: '3' }),
    );
    const topic = fieldsIn({ topic: 'A', clusterName: 'C' });
    assert.deepEqual(valueIn(deleteTopicRequest.decode(topic)), { topic: 'A', clusterName: 'C' });
    assert.deepEqual(valueIn(registerTopicRequest.decode(topic)), { topic: 'A' });
  });
});
