import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { epoch, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../../../src/core/primitives/refusal.ts';
import { openDoor } from '../door-fixture.ts';

describe('POST /v1/groups/:group/failover', () => {
  it('starts a move and names its record; a body may be left out', async () => {
    const { ask, node } = await openDoor();
    node.answer = () => accepted({ kind: 'moveStarted', recordId: 'record-1', epoch: epoch(2) });
    const path = '/v1/groups/orders-a/failover';
    const answer = await ask(ENDPOINTS.failover, path, { method: 'POST' }, 202);
    assert.deepEqual(answer, { kind: 'moveStarted', recordId: 'record-1', epoch: 2 });
    const forced = { to: 'orders-a-2', unsafe: true, reason: 'the rack is gone' };
    await ask(ENDPOINTS.failover, path, { body: forced }, 202);
    assert.deepEqual(node.submitted, [
      { type: 'failover', group: 'default/orders-a', to: null, unsafe: false, by: 'token-1', note: '' },
      {
        type: 'failover',
        group: 'default/orders-a',
        to: 'orders-a-2',
        unsafe: true,
        by: 'token-1',
        note: 'the rack is gone',
      },
    ]);
  });

  it('takes no text for unsafe, which must never be set by accident', async () => {
    const { refusal, node } = await openDoor();
    const error = await refusal('invalidRequest', '/v1/groups/orders-a/failover', {
      body: { unsafe: 'false' },
    });
    assert.equal(error.field, 'unsafe');
    assert.equal(node.submitted.length, 0);
  });

  it('passes refusals on', async () => {
    const { refusal, node } = await openDoor();
    node.answer = () => refused('unprovable', 'Worst case 12 bytes.');
    await refusal('unprovable', '/v1/groups/orders-a/failover', { body: {} });
  });
});

describe('POST /v1/groups/:group/switchover', () => {
  it('answers a plan with 200 and a started move with 202', async () => {
    const { ask, node } = await openDoor();
    const path = '/v1/groups/orders-a/switchover';
    node.answer = () =>
      accepted({
        kind: 'movePlan',
        from: replicaId('orders-a-1'),
        to: replicaId('orders-a-2'),
        lagBytes: 2n ** 60n,
        steps: ['pause writes'],
      });
    const plan = await ask(ENDPOINTS.switchover, path, { body: { plan: true } });
    assert.ok(plan.kind === 'movePlan');
    assert.equal(plan.lagBytes, '1152921504606846976');
    node.answer = () => accepted({ kind: 'moveStarted', recordId: 'record-1', epoch: epoch(2) });
    await ask(ENDPOINTS.switchover, path, { body: { to: 'orders-a-2' } }, 202);
    assert.deepEqual(
      node.submitted.map((request) => request.type === 'switchover' && request.planOnly),
      [true, false],
    );
  });
});
