import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller, type Place } from '../../../support/broker-caller.ts';
import { eventually } from '../../../support/eventually.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { elect } from '../elect.ts';
import { openDoor } from '../open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911', zone: 'IDC-A' };
const B: Place = { cluster: 'C', name: 'broker-a', address: '10.2.0.7:10911' };
const NAME = groupName('broker-a');

async function opened(t: TestContext) {
  const door = await openDoor(t);
  const broker = async (place: Place) => new BrokerCaller(await door.client(), place);
  return { ...door, broker };
}

describe('a broker that starts', () => {
  it('gets an id of its own, and the same one when it asks again', async (t) => {
    const door = await opened(t);
    const [a, b] = [await door.broker(A), await door.broker(B)];
    assert.equal(await a.applyForId(), 1);
    assert.equal(await b.applyForId(), 2);
    const set = door.node.state().brokerSets.get(NAME);
    assert.deepEqual(
      [...(set?.brokers.values() ?? [])].map(({ id, address, site }) => [id, address, site]),
      [
        [1, A.address, 'idc-a'],
        [2, B.address, 'idc-b'],
      ],
    );
    const apply = (appliedBrokerId: number, registerCheckCode: string) =>
      a.client.ask(REQUEST.controllerApplyBrokerId, {
        fields: { clusterName: 'C', brokerName: 'broker-a', appliedBrokerId, registerCheckCode },
      });
    assert.equal((await apply(1, `${A.address};1795373267395`)).code, RESPONSE.success);
    const taken = await apply(1, '10.1.0.99:10911;7');
    assert.equal(taken.code, RESPONSE.controllerBrokerIdInvalid);
    assert.equal((await apply(0, `${A.address};1`)).code, RESPONSE.controllerInvalidRequest);
    assert.equal((await apply(3, 'nonsense')).code, RESPONSE.systemError);
    assert.deepEqual(door.bugs, []);
  });

  it('learns the master of its set, with a body whether or not there is one', async (t) => {
    const door = await opened(t);
    const [a, b] = [await door.broker(A), await door.broker(B)];
    const [idA, idB] = [await a.applyForId(), await b.applyForId()];
    const first = await b.registerToController(idB);
    assert.deepEqual(Object.fromEntries(first.fields), { clusterName: 'C', brokerName: 'broker-a' });
    assert.deepEqual(bodyOf(first), { syncStateSet: [], syncStateSetEpoch: 0 });
    elect(door.node, 'broker-a', idA, 1);
    const second = await b.registerToController(idB);
    assert.deepEqual(Object.fromEntries(second.fields), {
      clusterName: 'C',
      brokerName: 'broker-a',
      masterBrokerId: '1',
      masterAddress: A.address,
      masterEpoch: '1',
      syncStateSetEpoch: '1',
    });
    assert.deepEqual(bodyOf(second), { syncStateSet: [1], syncStateSetEpoch: 1 });
  });

  it('is not told that it is the master still: it was restarted, and has to be elected', async (t) => {
    const door = await opened(t);
    const a = await door.broker(A);
    const id = await a.applyForId();
    elect(door.node, 'broker-a', id, 1);
    const { code, fields } = await a.registerToController(id);
    assert.deepEqual([code, fields.get('masterBrokerId')], [RESPONSE.success, undefined]);
  });

  it('costs no commit where nothing has changed, and moves where its address has', async (t) => {
    const door = await opened(t);
    const a = await door.broker(A);
    const id = await a.applyForId();
    const before = door.node.submitted.length;
    await a.registerToController(id);
    assert.equal(door.node.submitted.length, before);
    const moved = await door.broker({ ...A, address: '10.1.0.8:10911' });
    await moved.registerToController(id);
    assert.equal(door.node.state().brokerSets.get(NAME)?.brokers.get(id)?.address, '10.1.0.8:10911');
  });

  it('is taken on with the id that it has on its disk, where nobody knows it', async (t) => {
    const door = await opened(t);
    const { code, body } = await (await door.broker(A)).registerToController(7);
    assert.equal(code, RESPONSE.success);
    assert.notEqual(body.length, 0);
    const set = door.node.state().brokerSets.get(NAME);
    assert.deepEqual([set?.brokers.get(7)?.address, set?.unproven], [A.address, true]);
  });

  it('is refused the name of a set of another cluster, and an id that another one lives with', async (t) => {
    const door = await opened(t);
    const a = await door.broker(A);
    const id = await a.applyForId();
    await a.register();
    const other = await door.broker({ ...A, cluster: 'D', address: '10.1.0.9:10911' });
    const named = await other.registerToController(1);
    assert.equal(named.code, RESPONSE.systemError);
    assert.match(named.remark ?? '', /cluster C/);
    const claimed = await (await door.broker({ ...A, address: '10.1.0.9:10911' })).registerToController(id);
    assert.equal(claimed.code, RESPONSE.controllerBrokerIdInvalid);
    assert.equal(door.node.state().brokerSets.get(NAME)?.brokers.get(id)?.address, A.address);
  });
});

describe('a broker that is known by its heartbeats alone', () => {
  it('keeps its id and its address while they arrive, and loses them to whoever comes after', async (t) => {
    const door = await opened(t);
    const a = await door.broker(A);
    const id = await a.applyForId();
    a.heartbeat(id);
    await a.client.ask(REQUEST.getNamesrvConfig);
    const copy = await door.broker({ ...A, address: '10.1.0.9:10911' });
    const second = await door.broker(A);
    const claims = [
      await copy.registerToController(id),
      await second.registerToController(9),
      await (await door.broker({ ...A, name: 'broker-b' })).registerToController(1),
    ];
    for (const { code, remark } of claims) {
      assert.equal(code, RESPONSE.controllerBrokerIdInvalid);
      assert.match(remark ?? '', /its heartbeats arrive from 10\.1\.0\.7:10911/);
    }
    await assert.rejects(() => second.applyForId(), /no id: 2014/);
    assert.equal((await a.registerToController(id)).code, RESPONSE.success, 'it may say it again itself');
    a.client.close();
    await eventually('its connection has ended', () => door.node.heard.some(({ what }) => what === 'closed'));
    assert.equal((await copy.registerToController(id)).code, RESPONSE.success, 'it has moved');
    assert.equal(door.node.state().brokerSets.get(NAME)?.brokers.get(id)?.address, '10.1.0.9:10911');
  });
});

describe('1004, who the master is', () => {
  it('is told with its epoch and the sync state set, or that there is none', async (t) => {
    const door = await opened(t);
    const a = await door.broker(A);
    const unknown = await a.replicaInfo();
    assert.equal(unknown.code, RESPONSE.controllerBrokerMetadataNotExist);
    const id = await a.applyForId();
    const none = await a.replicaInfo();
    assert.deepEqual(Object.fromEntries(none.fields), { masterEpoch: '0' });
    assert.deepEqual(bodyOf(none), { syncStateSet: [], syncStateSetEpoch: 0 });
    elect(door.node, 'broker-a', id, 1);
    const { fields, body } = await a.replicaInfo();
    assert.deepEqual(Object.fromEntries(fields), {
      masterBrokerId: '1',
      masterAddress: A.address,
      masterEpoch: '1',
    });
    assert.deepEqual(JSON.parse(body.toString()), { syncStateSet: [1], syncStateSetEpoch: 1 });
  });

  it('is for an old master alone at first, while that may not know of its successor', async (t) => {
    const door = await opened(t);
    const [a, b] = [await door.broker(A), await door.broker(B)];
    const [idA, idB] = [await a.applyForId(), await b.applyForId()];
    elect(door.node, 'broker-a', idA, 1);
    await a.register();
    await b.register({ brokerId: idB });
    assert.equal((await a.replicaInfo()).fields.get('masterEpoch'), '1');
    elect(door.node, 'broker-a', idB, 2);
    const early = await b.replicaInfo();
    assert.equal(early.fields.get('masterEpoch'), '1', 'nobody knows yet who asks');
    a.heartbeat(idA, { epoch: 1 });
    b.heartbeat(idB, { epoch: 1 });
    const held = await a.replicaInfo();
    // No other broker takes anything from it, for it names no master, and a sync state set of a former epoch.
    assert.deepEqual(Object.fromEntries(held.fields), { masterEpoch: '1' });
    assert.deepEqual(bodyOf(held), { syncStateSet: [0, idA], syncStateSetEpoch: 2 });
    assert.equal((await a.replicaInfo()).fields.get('masterEpoch'), '2');
    // It registers as a slave: nobody needs to be held.
    await a.register({ brokerId: idA });
    const { fields } = await b.replicaInfo();
    assert.deepEqual([fields.get('masterEpoch'), fields.get('masterBrokerId')], ['2', `${idB}`]);
  });
});
