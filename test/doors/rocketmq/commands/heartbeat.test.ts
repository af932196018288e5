import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller, type Place } from '../../../support/broker-caller.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { elect } from '../elect.ts';
import { openDoor } from '../open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911', zone: 'idc-a' };

async function opened(t: TestContext) {
  const door = await openDoor(t);
  const broker = new BrokerCaller(await door.client(), A);
  /** What was sent one-way has been served by the time that something else is answered. */
  const served = () => broker.client.ask(REQUEST.getNamesrvConfig);
  return { ...door, broker, served };
}

describe('904, a heartbeat', () => {
  it('of a controlled broker is evidence with everything that it says, and no commit', async (t) => {
    const { broker, node, served, bugs } = await opened(t);
    await broker.applyForId();
    node.submitted.length = 0;
    broker.heartbeat(1, { maxOffset: '9223372036854775000', epoch: 7, heartbeatTimeoutMills: 3_000 });
    await served();
    assert.equal(node.heard.length, 1);
    const { channel, ...heard } = node.heard[0] ?? assert.fail();
    assert.ok(channel > 0);
    assert.deepEqual(heard, {
      cluster: 'C',
      name: 'broker-a',
      address: A.address,
      what: 'heartbeat',
      brokerId: 1,
      epoch: 7,
      maxOffset: 9_223_372_036_854_775_000n,
      confirmOffset: 900n,
      timeoutMs: 3_000,
      priority: 2_147_483_647,
      zone: 'idc-a',
    });
    assert.deepEqual(node.submitted, []);
    assert.deepEqual(bugs, []);
  });

  it('of who claims the id, the address or the name of another is evidence of nobody', async (t) => {
    const { broker, node, served, client } = await opened(t);
    await broker.applyForId();
    const claims = [
      { ...A, address: '10.2.0.7:10911' },
      { ...A, cluster: 'D' },
      { ...A, name: 'broker-b' },
    ];
    for (const place of claims) {
      const other = new BrokerCaller(await client(), place);
      other.heartbeat(1);
      await other.client.ask(REQUEST.getNamesrvConfig);
    }
    broker.heartbeat(2);
    await served();
    assert.deepEqual(node.heard, []);
    broker.heartbeat(1);
    await served();
    assert.equal(node.heard.length, 1);
  });

  it('of numbers that there are not says as little as one without them', async (t) => {
    const { broker, node, served } = await opened(t);
    await broker.applyForId();
    const said = async (more: Record<string, string | number>) => {
      node.heard.length = 0;
      broker.heartbeat(1, more);
      await served();
      const [heard] = node.heard;
      assert.ok(heard?.what === 'heartbeat');
      return [heard.epoch, heard.maxOffset, heard.timeoutMs];
    };
    assert.deepEqual(await said({ maxOffset: '9223372036854775807' }), [1, 2n ** 63n - 1n, 10_000]);
    assert.deepEqual(await said({ maxOffset: '9223372036854775808' }), [1, 0n, 10_000]);
    assert.deepEqual(await said({ maxOffset: -1, heartbeatTimeoutMills: 0 }), [1, 0n, 10_000]);
    assert.deepEqual(await said({ heartbeatTimeoutMills: -5 }), [1, 1_000n, 10_000]);
    assert.deepEqual(await said({ epoch: '99999999999999999999' }), [0, 1_000n, 10_000]);
  });

  it('to a name server is a sign of life of who is registered, and nothing of a stranger', async (t) => {
    const { broker, node, served } = await opened(t);
    const fields = { clusterName: 'C', brokerName: 'broker-a', brokerAddr: A.address };
    broker.client.tell(REQUEST.brokerHeartbeat, { fields });
    await served();
    assert.deepEqual(node.heard, []);
    await broker.register();
    node.heard.length = 0;
    broker.client.tell(REQUEST.brokerHeartbeat, { fields });
    broker.client.tell(REQUEST.brokerHeartbeat, { fields: { ...fields, brokerName: 'broker-b' } });
    await served();
    assert.deepEqual(
      node.heard.map(({ what, address }) => [what, address]),
      [['registered', A.address]],
    );
  });

  it('that somebody waits for is answered, and one of nonsense is told so', async (t) => {
    const { broker } = await opened(t);
    const fields = { clusterName: 'C', brokerName: 'broker-a', brokerAddr: A.address };
    const ask = (more: object) =>
      broker.client.ask(REQUEST.brokerHeartbeat, { fields: { ...fields, ...more } });
    const heard = await ask({ brokerId: 1 });
    assert.deepEqual([heard.code, heard.remark], [RESPONSE.success, 'Heart beat success']);
    assert.equal((await ask({ brokerId: 0 })).code, RESPONSE.controllerInvalidRequest);
    assert.equal((await ask({ brokerId: 'one' })).code, RESPONSE.controllerInvalidRequest);
    assert.equal((await ask({ brokerAddr: 'nowhere', brokerId: 1 })).code, RESPONSE.systemError);
    assert.equal((await ask({ brokerName: '', brokerId: 1 })).code, RESPONSE.systemError);
  });
});

describe('1006 and 1011, for operators', () => {
  it('show who is in sync and alive by its heartbeats here', async (t) => {
    const { broker, node, client } = await opened(t);
    const other = new BrokerCaller(await client(), { ...A, address: '10.2.0.7:10911' });
    await broker.applyForId();
    await other.applyForId();
    elect(node, 'broker-a', 1, 1);
    broker.heartbeat(1);
    const ask = (body: unknown) => broker.client.ask(REQUEST.controllerGetSyncStateData, { body });
    assert.deepEqual(bodyOf(await ask(['broker-a', 'broker-z'])), {
      replicasInfoTable: {
        'broker-a': {
          masterBrokerId: 1,
          masterAddress: A.address,
          masterEpoch: 1,
          syncStateSetEpoch: 1,
          inSyncReplicas: [{ brokerName: 'broker-a', brokerId: 1, brokerAddress: A.address, alive: true }],
          notInSyncReplicas: [
            { brokerName: 'broker-a', brokerId: 2, brokerAddress: '10.2.0.7:10911', alive: false },
          ],
        },
      },
    });
    const none = await ask([]);
    assert.deepEqual([none.code, none.remark], [RESPONSE.systemError, 'not set any response code']);
  });

  it('clean what is dead, and neither who lives nor a set with a master unless told so', async (t) => {
    const { broker, node, client } = await opened(t);
    await broker.applyForId();
    await new BrokerCaller(await client(), { ...A, address: '10.2.0.7:10911' }).applyForId();
    broker.heartbeat(1);
    const clean = async (fields: Record<string, string | boolean>) =>
      (await broker.client.ask(REQUEST.cleanBrokerData, { fields: { clusterName: 'C', ...fields } })).code;
    const left = () => [...node.state().brokerSets.values()].flatMap(({ brokers }) => [...brokers.keys()]);
    const refusedCode = RESPONSE.controllerInvalidCleanBrokerMetadata;
    const of = { brokerName: 'broker-a' };
    assert.equal(await clean({ ...of, brokerControllerIdsToClean: '1' }), refusedCode, 'it lives');
    assert.equal(await clean({ ...of, brokerControllerIdsToClean: '1;x' }), refusedCode);
    assert.equal(await clean({ ...of, brokerControllerIdsToClean: '9' }), refusedCode);
    assert.equal(await clean({ brokerName: 'broker-z' }), refusedCode);
    assert.deepEqual(left(), [1, 2]);
    assert.equal(await clean({ ...of, brokerControllerIdsToClean: '2' }), RESPONSE.success);
    assert.deepEqual(left(), [1]);
    elect(node, 'broker-a', 1, 1);
    assert.equal(await clean(of), refusedCode, 'it has a master');
    assert.deepEqual(left(), [1]);
  });

  it('clean who lives where the operator insists', async (t) => {
    const { broker, node } = await opened(t);
    await broker.applyForId();
    broker.heartbeat(1);
    const fields = {
      clusterName: 'C',
      brokerName: 'broker-a',
      brokerControllerIdsToClean: '1',
      isCleanLivingBroker: true,
    };
    assert.equal((await broker.client.ask(REQUEST.cleanBrokerData, { fields })).code, RESPONSE.success);
    assert.equal(node.state().brokerSets.size, 0);
  });
});
