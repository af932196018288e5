import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import type { RefusalCode } from '../../../../src/core/primitives/refusal.ts';
import { refused } from '../../../../src/core/primitives/refusal.ts';
import { REQUEST } from '../../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../../src/remoting/response-codes.ts';
import { BrokerCaller, type Place } from '../../../support/broker-caller.ts';
import { bodyOf } from '../../../support/remoting-client.ts';
import { elect } from '../elect.ts';
import { openDoor } from '../open-door.ts';

const A: Place = { cluster: 'C', name: 'broker-a', address: '10.1.0.7:10911' };

/** Broker 1 is master of two. The leader here asks nobody whether a broker lives. */
async function opened(t: TestContext) {
  const door = await openDoor(t);
  const a = new BrokerCaller(await door.client(), A);
  await a.applyForId();
  await new BrokerCaller(await door.client(), { ...A, address: '10.2.0.7:10911' }).applyForId();
  elect(door.node, 'broker-a', 1, 1);
  door.node.answer = (request) => {
    assert.ok(request.type === 'brokerSet' && request.request.kind === 'alterSyncStateSet');
    const { kind: _, cluster: __, ...alter } = request.request;
    const applied = door.node.apply({ type: 'brokerSet.alterSyncStateSet', ...alter });
    const index = door.node.state().appliedIndex;
    return applied.ok ? { ok: true, value: { kind: 'applied', index, changed: true } } : applied;
  };
  return { ...door, a };
}

const HEADER = { masterBrokerId: 1, masterEpoch: 1 };

describe('1001, the sync state set', () => {
  it('is what its master says, one epoch on', async (t) => {
    const { a, node } = await opened(t);
    const altered = await a.alterSyncStateSet(HEADER, { syncStateSet: [1, 2], syncStateSetEpoch: 1 });
    assert.equal(altered.code, RESPONSE.success);
    assert.deepEqual(Object.fromEntries(altered.fields), { newSyncStateSetEpoch: '2' });
    assert.deepEqual(bodyOf(altered), { syncStateSet: [1, 2], syncStateSetEpoch: 2 });
    assert.deepEqual(node.state().brokerSets.get(groupName('broker-a'))?.syncStateSet, [1, 2]);
  });

  it('is never answered with that of the next reign, which the old master would go on with', async (t) => {
    const { a, node } = await opened(t);
    const { answer } = node;
    node.answer = async (request) => {
      const answered = await answer(request);
      elect(node, 'broker-a', 2, 2);
      return answered;
    };
    const late = await a.alterSyncStateSet(HEADER, { syncStateSet: [1, 2], syncStateSetEpoch: 1 });
    assert.deepEqual([late.code, late.body.length], [RESPONSE.controllerFencedMasterEpoch, 0]);
    assert.equal(late.fields.get('newSyncStateSetEpoch'), undefined);
  });

  const wrong: readonly (readonly [
    what: string,
    header: { masterBrokerId: number; masterEpoch: number },
    body: { syncStateSet: number[]; syncStateSetEpoch: number },
    code: number,
  ])[] = [
    ['what it is already', HEADER, { syncStateSet: [1], syncStateSetEpoch: 1 }, 2013],
    [
      'by who is not the master',
      { ...HEADER, masterBrokerId: 2 },
      { syncStateSet: [1, 2], syncStateSetEpoch: 1 },
      2002,
    ],
    [
      'of an epoch gone by',
      { ...HEADER, masterEpoch: 0 },
      { syncStateSet: [1, 2], syncStateSetEpoch: 1 },
      2000,
    ],
    [
      'of an epoch ahead of ours',
      { ...HEADER, masterEpoch: 9 },
      { syncStateSet: [1, 2], syncStateSetEpoch: 1 },
      2000,
    ],
    ['that goes on from another one', HEADER, { syncStateSet: [1, 2], syncStateSetEpoch: 7 }, 2001],
    ['with a broker that nobody knows', HEADER, { syncStateSet: [1, 9], syncStateSetEpoch: 1 }, 2003],
    ['without its master', HEADER, { syncStateSet: [2], syncStateSetEpoch: 1 }, 2013],
  ];
  for (const [what, header, body, code] of wrong) {
    it(`is not ${what}`, async (t) => {
      const { a, node } = await opened(t);
      assert.equal((await a.alterSyncStateSet(header, body)).code, code);
      assert.equal(node.state().brokerSets.get(groupName('broker-a'))?.syncStateSetEpoch, 1);
    });
  }

  const refusals: readonly (readonly [refusal: RefusalCode, code: number])[] = [
    ['brokerNotAlive', RESPONSE.controllerBrokerNotAlive],
    ['lastRemoteMember', RESPONSE.controllerAlterSyncStateSetFailed],
    ['overloaded', RESPONSE.systemBusy],
  ];
  for (const [refusal, code] of refusals) {
    it(`is refused for ${refusal} with ${code}`, async (t) => {
      const { a, node } = await opened(t);
      node.answer = () => refused(refusal, refusal);
      const answered = await a.alterSyncStateSet(HEADER, { syncStateSet: [1, 2], syncStateSetEpoch: 1 });
      assert.equal(answered.code, code);
    });
  }

  it('is refused where the request cannot be read', async (t) => {
    const { a } = await opened(t);
    const fields = { brokerName: 'broker-a', ...HEADER };
    for (const body of ['', '{', '[1,2]', '{"syncStateSet":["a"]}', '{"syncStateSet":[1.5]}']) {
      const { code } = await a.client.ask(REQUEST.controllerAlterSyncStateSet, {
        fields,
        body: Buffer.from(body),
      });
      assert.equal(code, RESPONSE.systemError, body);
    }
    const body = { syncStateSet: [1], syncStateSetEpoch: 1 };
    const unknown = await a.client.ask(REQUEST.controllerAlterSyncStateSet, {
      fields: { ...HEADER, brokerName: 'broker-z' },
      body,
    });
    assert.equal(unknown.code, RESPONSE.controllerAlterSyncStateSetFailed);
    const half = await a.client.ask(REQUEST.controllerAlterSyncStateSet, {
      fields: { brokerName: 'broker-a' },
      body,
    });
    assert.equal(half.code, RESPONSE.controllerInvalidRequest);
  });
});
