import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { applyId, BROKER_A, BROKER_B, elect, loseMaster } from '../../../core/metadata/broker-set-fixture.ts';
import { openDoor } from '../door-fixture.ts';
import { fakeNode, must } from '../fake-node.ts';

const path = '/v1/broker-set-history';

/** Two sets; the first lost its master and got another one. */
function node() {
  const fake = fakeNode();
  const ofB = { name: BROKER_B, recordId: 'broker-b-1' };
  for (const command of [
    applyId(1),
    elect(1, 0),
    applyId(1, { name: BROKER_B, address: '10.9.9.9:10911', registerCheckCode: '10.9.9.9:10911;1' }),
    elect(1, 0, ofB),
    loseMaster(1),
    elect(1, 2, { reason: 'masterBack' }),
  ])
    must(fake.apply(command));
  return fake;
}

describe('/v1/broker-set-history', () => {
  it('lists elections newest first, of all sets or of one, as many as are asked for', async () => {
    const { ask } = await openDoor(node());
    const idsOf = async (query: string) =>
      (await ask(ENDPOINTS.brokerSetHistory, `${path}${query}`, { token: false })).records.map(
        ({ id }) => id,
      );
    assert.deepEqual(await idsOf(''), ['broker-a-3', 'broker-a-lost-2', 'broker-b-1', 'broker-a-1']);
    assert.deepEqual(await idsOf('?brokerSet=broker-a&limit=2'), ['broker-a-3', 'broker-a-lost-2']);
    assert.deepEqual(await idsOf('?brokerSet=broker-b'), ['broker-b-1']);
  });

  it('shows one with all that was behind it', async () => {
    const { ask } = await openDoor(node());
    const record = await ask(ENDPOINTS.brokerSetHistoryGet, `${path}/broker-a-1`, { token: false });
    assert.deepEqual(
      [record.cluster, record.brokerSet, record.reason, record.from, record.to],
      ['DefaultCluster', 'broker-a', 'firstMaster', null, 1],
    );
    assert.equal(record.candidates[0]?.maxOffset, (2n ** 62n).toString());
    assert.equal(record.steps[0]?.step, 'elected');
    const lost = await ask(ENDPOINTS.brokerSetHistoryGet, `${path}/broker-a-lost-2`);
    assert.deepEqual([lost.to, lost.predictedLossBytes], [null, null]);
  });

  it('keeps what was of a set that is cleaned away, and names what nobody knows', async () => {
    const fake = node();
    must(fake.apply(loseMaster(3, { recordId: 'broker-a-lost-4' })));
    const cleaned = { brokerIds: null, by: 'operator', wallMs: 6 } as const;
    must(fake.apply({ type: 'brokerSet.clean', name: BROKER_A, ...cleaned }));
    const { ask, refusal } = await openDoor(fake);
    const { records } = await ask(ENDPOINTS.brokerSetHistory, `${path}?brokerSet=broker-a`);
    assert.equal(records.length, 4);
    const unknown = await refusal('unknownBrokerSet', `${path}?brokerSet=none`, { method: 'GET' });
    assert.equal(unknown.field, 'brokerSet');
    await refusal('unknownRecord', `${path}/none`, { method: 'GET' });
    await refusal('invalidRequest', `${path}?limit=0`, { method: 'GET' });
  });
});
