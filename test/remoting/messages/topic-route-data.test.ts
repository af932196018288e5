import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getRouteInfoRequest } from '../../../src/remoting/messages/get-route-info.ts';
import {
  decodeTopicRouteData,
  encodeTopicRouteData,
  type TopicRouteData,
} from '../../../src/remoting/messages/topic-route-data.ts';
import { fieldsIn, valueIn } from './read-message.ts';

/** As Java wrote it. */
const SAMPLE =
  '{"brokerDatas":[{"brokerAddrs":{"0":"1.1.1.1:10911","2":"1.1.1.2:10911"},"brokerName":"broker-a","cluster":"C","enableActingMaster":false,"zoneName":"zoneA"}],' +
  '"filterServerTable":{},"orderTopicConf":"broker-a:4",' +
  '"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}],' +
  '"topicQueueMappingByBroker":{"broker-a":{"bname":"broker-a","currIdMap":{"0":1},"dirty":false,"epoch":0,"scope":"__global__","topic":"TopicA","totalQueues":1}}}';

const route: TopicRouteData = {
  orderTopicConf: 'broker-a:4',
  queueDatas: [{ brokerName: 'broker-a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }],
  brokerDatas: [
    {
      cluster: 'C',
      brokerName: 'broker-a',
      brokerAddrs: new Map([
        [0, '1.1.1.1:10911'],
        [2, '1.1.1.2:10911'],
      ]),
      zoneName: 'zoneA',
      enableActingMaster: false,
    },
  ],
  topicQueueMappingByBroker: new Map([
    [
      'broker-a',
      {
        topic: 'TopicA',
        scope: '__global__',
        totalQueues: 1,
        bname: 'broker-a',
        epoch: 0,
        dirty: false,
        currIdMap: new Map([[0, 1]]),
      },
    ],
  ]),
};

describe('the route of a topic', () => {
  it('is written as Java writes it, and read back', () => {
    assert.equal(encodeTopicRouteData(route).toString(), SAMPLE);
    assert.deepEqual(valueIn(decodeTopicRouteData(Buffer.from(SAMPLE))), route);
  });

  it('is read with keys that have no quotes', () => {
    const dialect = SAMPLE.replaceAll(/"(\d+)":/g, '$1:');
    assert.notEqual(dialect, SAMPLE);
    assert.deepEqual(valueIn(decodeTopicRouteData(Buffer.from(dialect))), route);
  });

  it('says nothing of an order, a zone or static topics where there is none', () => {
    const plain: TopicRouteData = {
      orderTopicConf: null,
      queueDatas: [],
      brokerDatas: route.brokerDatas.map((broker) => ({ ...broker, zoneName: null })),
      topicQueueMappingByBroker: null,
    };
    const body = encodeTopicRouteData(plain);
    assert.equal(
      body.toString(),
      '{"brokerDatas":[{"brokerAddrs":{"0":"1.1.1.1:10911","2":"1.1.1.2:10911"},"brokerName":"broker-a","cluster":"C","enableActingMaster":false}],"filterServerTable":{},"queueDatas":[]}',
    );
    assert.deepEqual(valueIn(decodeTopicRouteData(body)), plain);
  });

  it('is asked for by the name of the topic', () => {
    const fields = fieldsIn({ topic: '%RETRY%g', acceptStandardJsonOnly: 'true', ns: 'ignored' });
    assert.deepEqual(valueIn(getRouteInfoRequest.decode(fields)), {
      topic: '%RETRY%g',
      acceptStandardJsonOnly: true,
    });
  });
});
