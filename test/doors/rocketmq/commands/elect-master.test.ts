import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { BrokerSetRequest } from '../../../../src/core/coordinator/broker-sets/broker-set-request.ts';
import { accepted, type RefusalCode, refused } from '../../../../src/core/primitives/refusal.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller, type Place } from '../../../support/broker-caller.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { elect } from '../elect.ts';
import { openDoor } from '../open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911' };
const B: Place = { ...A, address: '10.2.0.7:10911' };

/** Two brokers with ids 1 and 2, and what the leader was asked. */
async function opened(t: TestContext) {
  const door = await openDoor(t);
  const [a, b] = [new BrokerCaller(await door.client(), A), new BrokerCaller(await door.client(), B)];
  await a.applyForId();
  await b.applyForId();
  const asked: BrokerSetRequest[] = [];
  const answer = (changed: boolean, act: () => void = () => undefined): void => {
    door.node.answer = (request) => {
      if (request.type === 'brokerSet') asked.push(request.request);
      act();
      return accepted({ kind: 'applied', index: door.node.state().appliedIndex, changed });
    };
  };
  const refuse = (code: RefusalCode): void => {
    door.node.answer = () => refused(code, `refused: ${code}`);
  };
  return { ...door, a, b, asked, answer, refuse };
}

describe('1002, an election', () => {
  it('is asked of the leader, and answered with the new master, its group and sync state set', async (t) => {
    const { a, asked, answer, node } = await opened(t);
    answer(true, () => elect(node, 'broker-a', 1, 1));
    const elected = await a.elect(1);
    assert.equal(elected.code, RESPONSE.success);
    assert.deepEqual(asked, [
      {
        kind: 'electMaster',
        cluster: 'C',
        name: 'broker-a',
        brokerId: 1,
        designated: false,
        unsafe: false,
        by: 'broker 1 at 127.0.0.1',
      },
    ]);
    assert.deepEqual(Object.fromEntries(elected.fields), {
      masterBrokerId: '1',
      masterAddress: A.address,
      masterEpoch: '1',
      syncStateSetEpoch: '1',
    });
    const group = {
      brokerAddrs: { 1: A.address, 2: B.address },
      brokerName: 'broker-a',
      cluster: 'C',
    };
    assert.deepEqual(bodyOf(elected), { ...group, brokerMemberGroup: group, syncStateSet: [1] });
  });

  it('that changes nothing is a success of its own kind, with all its fields and its body', async (t) => {
    const { b, answer, node } = await opened(t);
    elect(node, 'broker-a', 1, 1);
    answer(false);
    const { code, fields, body } = await b.elect(2);
    assert.equal(code, RESPONSE.controllerMasterStillExist);
    assert.equal(fields.get('masterAddress'), A.address);
    assert.deepEqual(JSON.parse(body.toString()), { syncStateSet: [1], syncStateSetEpoch: 1 });
  });

  it('by a tool names whom it wants, and may leave the cluster out', async (t) => {
    const { a, asked, answer, node } = await opened(t);
    answer(true, () => elect(node, 'broker-a', 2, 1));
    const fields = { brokerName: 'broker-a', brokerId: 2, designateElect: true };
    const { code, body } = await a.client.ask(REQUEST.controllerElectMaster, { fields });
    assert.equal(code, RESPONSE.success);
    assert.notEqual(body.length, 0, 'a tool cannot do without');
    assert.deepEqual(
      asked.map((one) => one.kind === 'electMaster' && [one.cluster, one.brokerId, one.designated]),
      [['C', 2, true]],
    );
  });

  const failures: readonly (readonly [refusal: RefusalCode, brokerId: number, code: number])[] = [
    ['unknownBrokerSet', 1, RESPONSE.controllerBrokerNeedToBeRegistered],
    ['notInSyncStateSet', 2, RESPONSE.controllerElectMasterFailed],
    ['brokerNotAlive', 2, RESPONSE.controllerBrokerNotAlive],
    ['unprovable', -1, RESPONSE.controllerMasterNotAvailable],
    ['automaticStopped', 1, RESPONSE.controllerElectMasterFailed],
  ];
  for (const [refusal, brokerId, code] of failures) {
    it(`that is refused for ${refusal} is answered with ${code}`, async (t) => {
      const { a, refuse } = await opened(t);
      refuse(refusal);
      const answered = await a.elect(brokerId);
      assert.deepEqual([answered.code, answered.remark], [code, `refused: ${refusal}`]);
    });
  }

  it('that takes longer than a broker waits is answered before, so that it keeps its connection', async (t) => {
    const { a, node } = await opened(t);
    node.answer = () => new Promise(() => undefined);
    const startedMs = performance.now();
    const { code, remark } = await a.elect(1);
    assert.equal(code, RESPONSE.systemError);
    assert.match(remark ?? '', /still under way/);
    assert.ok(performance.now() - startedMs < 3_000);
  });
});
