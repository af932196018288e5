import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../../../src/contract/endpoints.ts';
import { epoch, nodeName, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { slaveReport } from '../../../core/liveness/evidence-fixture.ts';
import { openDoor } from '../door-fixture.ts';
import { keyOf, must } from '../fake-node.ts';

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
      },
    ]);
    assert.deepEqual(status.counts, { groups: 2, topics: 1, consumerGroups: 0 });
    assert.deepEqual((await ask(ENDPOINTS.nodes, '/v1/nodes')).nodes, status.nodes);
  });

  it('says how far it is with groups that lost something', async () => {
    const { ask, node } = await openDoor();
    const nothing = {
      fencing: 0,
      promoting: 0,
      withoutMaster: 0,
      degraded: 0,
      replicasOutside: 0,
      resyncing: 0,
    };
    assert.deepEqual((await ask(ENDPOINTS.status, '/v1/status')).recovery, nothing);
    must(
      node.apply({
        type: 'group.fence',
        key: keyOf('orders-a'),
        expectedEpoch: epoch(1),
        epoch: epoch(2),
        reason: 'masterLost',
        preferred: null,
        unsafe: false,
        recordId: 'a record',
        note: '',
        by: 'pollux',
        evidence: [],
        wallMs: 5_000,
      }),
    );
    must(
      node.apply({
        type: 'group.set',
        key: keyOf('orders-b'),
        policy: null,
        onShortage: 'degrade',
        timeFenceSeconds: null,
        detectionMs: null,
        cooldownMs: null,
        by: 'eve',
        wallMs: 5_500,
      }),
    );
    must(
      node.apply({
        type: 'group.changeSyncSet',
        key: keyOf('orders-b'),
        epoch: epoch(1),
        expectedVersion: 1,
        members: [],
        rule: { kind: 'anyOf', k: 0 },
        degraded: true,
        incarnations: [],
        detail: 'all away',
        wallMs: 6_000,
      }),
    );
    const syncing = { address: '127.0.0.1:7201', linkUp: false, syncing: true, lastReceivedSecondsAgo: 0 };
    const seen = { group: keyOf('orders-b'), ageMs: 5, answerMs: 1, standing: 'alive' } as const;
    const report = { ...slaveReport(9n), follows: syncing };
    const outcome = { kind: 'answered', answerMs: 1, report } as const;
    node.evidenceRows = ['node-a', 'node-b'].map((vantage) => ({
      ...seen,
      vantage: nodeName(vantage),
      replica: replicaId('orders-b-2'),
      outcome,
    }));
    assert.deepEqual((await ask(ENDPOINTS.status, '/v1/status')).recovery, {
      fencing: 1,
      promoting: 0,
      withoutMaster: 1,
      degraded: 1,
      replicasOutside: 2,
      resyncing: 1,
    });
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
