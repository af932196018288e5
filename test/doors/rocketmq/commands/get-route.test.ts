import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller } from '../../../support/broker-caller.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { openDoor } from '../open-door.ts';

type Body = {
  readonly brokerDatas: readonly { readonly brokerName: string; readonly zoneName?: string }[];
  readonly queueDatas: readonly { readonly brokerName: string; readonly perm: number }[];
};

/** `orders` on a set of each IDC; broker-a has a slave in the other one. */
async function opened(t: TestContext) {
  const door = await openDoor(t);
  const one = await door.client();
  const places = [
    [{ cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911' }, 0],
    [{ cluster: 'C', name: 'broker-a', address: '10.2.0.7:10911' }, 2],
    [{ cluster: 'C', name: 'broker-b', address: '10.2.0.8:10911' }, 0],
  ] as const;
  const brokers = places.map(([place]) => new BrokerCaller(one, place));
  for (const [nth, [, brokerId]] of places.entries())
    await brokers[nth]?.register({ brokerId, topics: ['orders', 'payments'] });
  const client = await door.client();
  const ask = (topic: string, fields: Record<string, string | boolean> = {}) =>
    client.ask(REQUEST.getRouteInfoByTopic, { fields: { topic, ...fields } });
  const names = async (fields: Record<string, string | boolean> = {}): Promise<readonly string[]> =>
    (bodyOf(await ask('orders', fields)) as Body).brokerDatas.map(({ brokerName }) => brokerName);
  return { ...door, one, client, ask, names, brokers };
}

const near = (zone: string) => ({ __ZONE_NAME: zone, __ZONE_MODE: true });

describe('105, a route', () => {
  it('is what a stock client expects, key for key', async (t) => {
    const { ask, bugs } = await opened(t);
    const { code, body } = await ask('orders');
    assert.equal(code, RESPONSE.success);
    const queues = { perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 };
    assert.deepEqual(JSON.parse(body.toString()), {
      brokerDatas: [
        {
          brokerAddrs: { 0: '10.1.0.7:10911', 2: '10.2.0.7:10911' },
          brokerName: 'broker-a',
          cluster: 'C',
          enableActingMaster: false,
          zoneName: 'idc-a',
        },
        {
          brokerAddrs: { 0: '10.2.0.8:10911' },
          brokerName: 'broker-b',
          cluster: 'C',
          enableActingMaster: false,
          zoneName: 'idc-b',
        },
      ],
      filterServerTable: {},
      queueDatas: [
        { brokerName: 'broker-a', ...queues },
        { brokerName: 'broker-b', ...queues },
      ],
    });
    assert.deepEqual(bugs, []);
  });

  it('lists near sets first, and only these where the client asks for its zone', async (t) => {
    const { names } = await opened(t);
    assert.deepEqual(await names(), ['broker-a', 'broker-b']);
    assert.deepEqual(await names({ __ZONE_NAME: 'idc-b' }), ['broker-b', 'broker-a']);
    assert.deepEqual(await names(near('idc-b')), ['broker-b']);
    assert.deepEqual(await names(near('IDC-A')), ['broker-a']);
    assert.deepEqual(await names(near('nowhere')), ['broker-a', 'broker-b'], 'never an empty success');
  });

  it('falls back to the other IDC as soon as a zone has no master, and returns', async (t) => {
    const { names, brokers } = await opened(t);
    assert.deepEqual(await names(near('idc-b')), ['broker-b']);
    await brokers[2]?.unregister();
    assert.deepEqual(await names(near('idc-b')), ['broker-a']);
    await brokers[2]?.register({ topics: ['orders', 'payments'] });
    assert.deepEqual(await names(near('idc-b')), ['broker-b']);
  });

  it('is as it is now, though it is kept ready: by topic, and by what many topics depend on', async (t) => {
    const { ask, brokers, client } = await opened(t);
    const permissions = async () => (bodyOf(await ask('orders')) as Body).queueDatas.map(({ perm }) => perm);
    assert.deepEqual(await permissions(), [6, 6]);
    await client.ask(REQUEST.wipeWritePermOfBroker, { fields: { brokerName: 'broker-a' } });
    assert.deepEqual(await permissions(), [4, 6]);
    await brokers[0]?.register({ topics: ['orders', 'payments'], queues: 8, counter: 2 });
    const { queueDatas } = bodyOf(await ask('orders')) as { queueDatas: { readQueueNums: number }[] };
    assert.deepEqual(
      queueDatas.map(({ readQueueNums }) => readQueueNums),
      [8, 4],
    );
    assert.equal((await ask('fresh')).code, RESPONSE.topicNotExist);
    await brokers[0]?.register({ topics: ['orders', 'payments', 'fresh'], queues: 8, counter: 3 });
    assert.equal((await ask('fresh')).code, RESPONSE.success);
    await client.ask(REQUEST.deleteTopicInNamesrv, { fields: { topic: 'fresh' } });
    assert.equal((await ask('fresh')).code, RESPONSE.topicNotExist);
  });

  it('that there is none of is an error', async (t) => {
    const { ask } = await opened(t);
    for (const topic of ['nowhere', '', '__proto__', 'x'.repeat(60_000)]) {
      const { code, remark, body } = await ask(topic);
      assert.equal(code, RESPONSE.topicNotExist);
      assert.match(remark ?? '', /^No topic route info in name server for the topic: /);
      assert.equal(body.length, 0);
    }
  });

  it('of a node that cannot confirm that it is current is an error, and sends the client to another', async (t) => {
    const { ask, node, client, one } = await opened(t);
    node.current = false;
    assert.equal((await ask('orders')).code, RESPONSE.systemError);
    assert.equal((await client.ended).kind, 'closedByOther');
    const fields = { topic: 'orders' };
    assert.equal((await one.ask(REQUEST.getRouteInfoByTopic, { fields })).code, RESPONSE.systemError);
    node.current = true;
    assert.equal(
      (await one.ask(REQUEST.getRouteInfoByTopic, { fields })).code,
      RESPONSE.success,
      'a broker stays',
    );
  });
});
