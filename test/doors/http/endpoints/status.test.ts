import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { openDoor } from '../door-fixture.ts';
import { keyOf } from '../fake-node.ts';

describe('GET /v1/status and /v1/nodes', () => {
  it('shows this node, all nodes, groups, alerts and counts', async () => {
    const { ask, node } = await openDoor();
    node.alertRows = [
      {
        group: keyOf('orders-a'),
        code: 'held',
        replica: null,
        message: 'Still streams; hold.',
        sinceWallMs: 7,
      },
    ];
    const status = await ask(ENDPOINTS.status, '/v1/status', { token: false });
    assert.equal(status.node.node, 'node-a');
    assert.equal(status.tierId, 'tier-1');
    assert.equal(status.stale, false);
    assert.deepEqual(
      status.nodes.map(({ name, self, leader, siteKind }) => [name, self, leader, siteKind]),
      [
        ['node-a', true, true, 'idc'],
        ['node-b', false, false, 'idc'],
        ['node-w', false, false, 'witness'],
      ],
    );
    assert.deepEqual(
      status.groups.map(({ name, waitCount, phase }) => [name, waitCount, phase.kind]),
      [
        ['orders-a', 2, 'active'],
        ['orders-b', 2, 'active'],
      ],
    );
    assert.deepEqual(status.alerts, [
      {
        cluster: 'default',
        group: 'orders-a',
        code: 'held',
        message: 'Still streams; hold.',
        sinceWallMs: 7,
        untilWallMs: null,
      },
    ]);
    assert.deepEqual(status.counts, { groups: 2, topics: 1, consumerGroups: 0 });
    assert.deepEqual((await ask(ENDPOINTS.nodes, '/v1/nodes')).nodes, status.nodes);
  });

  it('says that it may be old, and who leads when nobody does', async () => {
    const { ask, node } = await openDoor();
    node.current = false;
    node.leader = null;
    assert.equal((await ask(ENDPOINTS.status, '/v1/status')).stale, true);
    const nodes = await ask(ENDPOINTS.nodes, '/v1/nodes');
    assert.equal(nodes.leader, null);
    assert.ok(nodes.nodes.every(({ leader }) => !leader));
  });
});
