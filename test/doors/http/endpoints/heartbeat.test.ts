import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { epoch, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../../../src/core/primitives/refusal.ts';
import { openDoor } from '../door-fixture.ts';

const path = '/v1/brokers/heartbeat';
const body = {
  group: 'orders-a',
  replica: 'orders-a-1',
  report: { incarnation: 'run-1', role: 'master', lineage: 'lineage-1', offset: '9007199254740993' },
};

describe('POST /v1/brokers/heartbeat', () => {
  it('hands over the report and answers with the orders', async () => {
    const { ask, node } = await openDoor();
    const orders = {
      orders: '3',
      role: 'slave',
      epoch: epoch(2),
      follow: { replica: replicaId('orders-a-2'), address: '127.0.0.1:7102' },
      accept: [],
      nextHeartbeatMs: 200,
    } as const;
    node.answer = () => accepted({ kind: 'orders', orders });
    const sent = { body: { ...body, ordersSeen: '2', holdMs: 500 } };
    assert.deepEqual(await ask(ENDPOINTS.heartbeat, path, sent), orders);
    const request = node.submitted[0];
    assert.ok(request?.type === 'heartbeat');
    assert.deepEqual(request.heartbeat, {
      group: 'default/orders-a',
      replica: 'orders-a-1',
      report: {
        incarnation: 'run-1',
        role: 'master',
        loading: false,
        lineage: 'lineage-1',
        secondLineage: null,
        secondOffset: -1n,
        offset: 9_007_199_254_740_993n,
        follows: null,
        connectedSlaves: 0,
        epoch: null,
      },
      ordersSeen: '2',
      holdMs: 500,
    });
  });

  it('refuses offsets that are no decimal text, and holding for too long', async () => {
    const { refusal, node } = await openDoor();
    const report = { ...body.report, offset: 12 };
    assert.equal(
      (await refusal('invalidRequest', path, { body: { ...body, report } })).field,
      'report.offset',
    );
    assert.equal(
      (await refusal('invalidRequest', path, { body: { ...body, holdMs: 60_000 } })).field,
      'holdMs',
    );
    assert.equal(node.submitted.length, 0);
  });

  it('passes the refusal of an unknown replica on', async () => {
    const { refusal, node } = await openDoor();
    node.answer = () => refused('unknownReplica', 'No such replica.');
    await refusal('unknownReplica', path, { body });
  });
});
