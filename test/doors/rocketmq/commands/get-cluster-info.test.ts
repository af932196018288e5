/** What operators' tools and brokers read and change of the registered sets and topics: 106, 901, 206, 224, 304, 205, 327, 216, 217, 322. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller } from '../../../support/broker-caller.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { openDoor } from '../open-door.ts';

/** broker-a of cluster C with a slave in the other IDC, broker-b of cluster D. */
async function opened(t: TestContext) {
  const door = await openDoor(t);
  const one = await door.client();
  const places = [
    [{ cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911' }, 0, ['TopicA', 'TopicB']],
    [{ cluster: 'C', name: 'broker-a', address: '10.2.0.7:10911' }, 2, ['TopicA', 'TopicB']],
    [{ cluster: 'D', name: 'broker-b', address: '10.2.0.8:10911' }, 0, ['TopicB', 'TopicC']],
  ] as const;
  for (const [place, brokerId, topics] of places)
    assert.equal((await new BrokerCaller(one, place).register({ brokerId, topics })).code, 0);
  return {
    ...door,
    one,
    ask: (code: number, fields: Record<string, string> = {}) => one.ask(code, { fields }),
  };
}

describe('106 and 901, the members', () => {
  it('show every set, under its cluster, in the zone of its master', async (t) => {
    const { ask } = await opened(t);
    assert.deepEqual(bodyOf(await ask(REQUEST.getBrokerClusterInfo)), {
      brokerAddrTable: {
        'broker-a': {
          brokerAddrs: { 0: '10.1.0.7:10911', 2: '10.2.0.7:10911' },
          brokerName: 'broker-a',
          cluster: 'C',
          enableActingMaster: false,
          zoneName: 'idc-a',
        },
        'broker-b': {
          brokerAddrs: { 0: '10.2.0.8:10911' },
          brokerName: 'broker-b',
          cluster: 'D',
          enableActingMaster: false,
          zoneName: 'idc-b',
        },
      },
      clusterAddrTable: { C: ['broker-a'], D: ['broker-b'] },
    });
  });

  it('are as they are now, though they are kept ready', async (t) => {
    const { ask, one } = await opened(t);
    const first = await ask(REQUEST.getBrokerClusterInfo);
    assert.deepEqual((await ask(REQUEST.getBrokerClusterInfo)).body, first.body);
    await new BrokerCaller(one, { cluster: 'D', name: 'broker-b', address: '10.2.0.8:10911' }).unregister();
    assert.deepEqual(bodyOf(await ask(REQUEST.getBrokerClusterInfo)), {
      ...(bodyOf(first) as object),
      brokerAddrTable: {
        'broker-a': (bodyOf(first) as { brokerAddrTable: Record<string, unknown> }).brokerAddrTable[
          'broker-a'
        ],
      },
      clusterAddrTable: { C: ['broker-a'] },
    });
  });

  it('are none of a set that nobody knows, which is no error', async (t) => {
    const { ask } = await opened(t);
    const members = async (clusterName: string, brokerName: string) =>
      bodyOf(await ask(REQUEST.getBrokerMemberGroup, { clusterName, brokerName }));
    assert.deepEqual(await members('C', 'broker-a'), {
      brokerMemberGroup: {
        cluster: 'C',
        brokerName: 'broker-a',
        brokerAddrs: { 0: '10.1.0.7:10911', 2: '10.2.0.7:10911' },
      },
    });
    for (const [cluster, brokerName] of [
      ['C', 'broker-z'],
      ['D', 'broker-a'],
    ] as const) {
      assert.deepEqual(await members(cluster, brokerName), {
        brokerMemberGroup: { cluster, brokerName, brokerAddrs: {} },
      });
    }
  });
});

describe('206, 224 and 304, lists of topics', () => {
  it('are of all, of one cluster, and of the system', async (t) => {
    const { ask } = await opened(t);
    const topics = async (code: number, fields = {}) =>
      (bodyOf(await ask(code, fields)) as { topicList: string[] }).topicList.sort();
    assert.deepEqual(await topics(REQUEST.getAllTopicListFromNameserver), ['TopicA', 'TopicB', 'TopicC']);
    assert.deepEqual(await topics(REQUEST.getTopicsByCluster, { cluster: 'D' }), ['TopicB', 'TopicC']);
    assert.deepEqual(await topics(REQUEST.getTopicsByCluster, { cluster: 'Z' }), []);
    assert.deepEqual(await topics(REQUEST.getSystemTopicListFromNs), ['C', 'D', 'broker-a', 'broker-b']);
  });
});

describe('205 and 327, write permission', () => {
  it('is taken off a set and given back, with the number of its topics', async (t) => {
    const { ask, node } = await opened(t);
    const permission = () => node.state().namedSets.get(groupName('broker-a'))?.writePermission;
    const wiped = await ask(REQUEST.wipeWritePermOfBroker, { brokerName: 'broker-a' });
    assert.deepEqual([wiped.fields.get('wipeTopicCount'), permission()], ['2', 'wiped']);
    const added = await ask(REQUEST.addWritePermOfBroker, { brokerName: 'broker-a' });
    assert.deepEqual([added.fields.get('addTopicCount'), permission()], ['2', 'added']);
    const unknown = await ask(REQUEST.wipeWritePermOfBroker, { brokerName: 'broker-z' });
    assert.deepEqual([unknown.code, unknown.fields.get('wipeTopicCount')], [RESPONSE.success, '0']);
  });
});

describe('216 and 217, a topic on the routes', () => {
  it('is taken off one cluster, or all', async (t) => {
    const { ask, node } = await opened(t);
    const sets = () =>
      node
        .state()
        .topicQueues.get('TopicB')
        ?.map(({ name }) => name) ?? [];
    await ask(REQUEST.deleteTopicInNamesrv, { topic: 'TopicB', clusterName: 'D' });
    assert.deepEqual(sets(), ['broker-a']);
    await ask(REQUEST.deleteTopicInNamesrv, { topic: 'TopicB' });
    assert.deepEqual(sets(), []);
    assert.equal((await ask(REQUEST.deleteTopicInNamesrv, { topic: 'TopicZ' })).code, RESPONSE.success);
    assert.equal((await ask(REQUEST.deleteTopicInNamesrv)).code, RESPONSE.systemError);
  });

  it('is put on them by a broker of a known set, and by no other', async (t) => {
    const { one, node } = await opened(t);
    const queueDatas = [
      { brokerName: 'broker-b', readQueueNums: 8, writeQueueNums: 8, perm: 6, topicSysFlag: 0 },
    ];
    const fields = { topic: 'TopicD' };
    const put = (body: unknown) => one.ask(REQUEST.registerTopicInNamesrv, { fields, body });
    assert.equal((await put({ queueDatas, brokerDatas: [] })).code, RESPONSE.success);
    assert.deepEqual(
      node
        .state()
        .topicQueues.get('TopicD')
        ?.map(({ name, readQueues }) => [name, readQueues]),
      [['broker-b', 8]],
    );
    for (const wrong of [
      { queueDatas: [{ ...queueDatas[0], brokerName: 'broker-z' }] },
      { queueDatas: [] },
      'x',
    ])
      assert.notEqual((await put(wrong)).code, RESPONSE.success);
  });
});

describe('322, the version of what a broker has registered', () => {
  it('tells whether it has to be sent again, and is a sign of life', async (t) => {
    const { one, node } = await opened(t);
    const fields = {
      clusterName: 'C',
      brokerName: 'broker-a',
      brokerAddr: '10.1.0.7:10911',
      brokerId: 0,
    };
    const ask = (body: unknown, more = {}) =>
      one.ask(REQUEST.queryDataVersion, { fields: { ...fields, ...more }, body });
    const kept = { stateVersion: 1, timestamp: 1_000, counter: 1 };
    const same = await ask(kept);
    assert.deepEqual([same.fields.get('changed'), bodyOf(same)], ['false', kept]);
    const other = await ask({ ...kept, counter: 2 });
    assert.deepEqual([other.fields.get('changed'), bodyOf(other)], ['true', kept]);
    const unknown = await ask(kept, { brokerAddr: '10.1.0.99:10911' });
    assert.deepEqual([unknown.fields.get('changed'), unknown.body.length], ['true', 0]);
    assert.deepEqual(
      node.heard.slice(-2).map(({ what, address }) => [what, address]),
      [
        ['registered', '10.1.0.7:10911'],
        ['registered', '10.1.0.7:10911'],
      ],
    );
  });
});
