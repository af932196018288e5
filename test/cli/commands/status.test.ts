/** `pollux status`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusAnswer } from '../../../src/contract/status.ts';
import { json } from '../../sdk/fake-node.ts';
import { detail, drillSummary, summary } from '../fixtures.ts';
import { lines, runAgainst } from '../run-against.ts';

const status: StatusAnswer = {
  tierId: 'tier-1',
  node: {
    node: 'node-a',
    site: 'idc-a',
    role: 'leader',
    term: 4,
    leader: 'node-a',
    commitIndex: 20,
    appliedIndex: 20,
    lastIndex: 21,
    snapshotIndex: 0,
    leaderHeardMsAgo: 0,
  },
  stale: false,
  nodes: [
    {
      name: 'node-a',
      site: 'idc-a',
      siteKind: 'idc',
      httpUrl: 'http://127.0.0.1:7400',
      self: true,
      leader: true,
    },
    {
      name: 'node-w',
      site: 'witness',
      siteKind: 'witness',
      httpUrl: 'http://127.0.0.1:7402',
      self: false,
      leader: false,
    },
  ],
  sites: [],
  idcs: [
    { name: 'idc-a', state: 'draining', masters: 1 },
    { name: 'idc-b', state: 'active', masters: 0 },
  ],
  drill: drillSummary,
  groups: [summary],
  counts: { groups: 1, topics: 2, consumerGroups: 0 },
  recovery: { fencing: 0, promoting: 0, withoutMaster: 0, degraded: 0, replicasOutside: 0, resyncing: 0 },
  brokerSets: { count: 0, withoutMaster: 0, degraded: 0 },
  alerts: detail.alerts,
  stops: [
    {
      scope: { kind: 'group', cluster: 'default', group: 'orders-a' },
      by: 'operator',
      reason: 'drill',
      sinceWallMs: Date.UTC(2030, 0, 2),
      untilWallMs: null,
    },
  ],
};

test('pollux status prints the tier on one page', async () => {
  const said = await runAgainst(() => json(status), ['status']);
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(
    said.stdout,
    lines(
      'tier:         tier-1',
      'answered by:  node-a (idc-a, leader) at http://node/',
      'leader:       node-a, term 4',
      'current:      yes',
      'log:          applied 20, committed 20, last 21',
      'recovery:     nothing is amiss',
      'holds:        1 groups, 2 topics, 0 consumer groups',
      '',
      'NODES',
      'NODE    SITE     KIND     HTTP                   ROLE',
      'node-a  idc-a    idc      http://127.0.0.1:7400  leader',
      'node-w  witness  witness  http://127.0.0.1:7402  follower',
      '',
      'IDCS',
      'IDC    STATE     MASTERS',
      'idc-a  draining  1',
      'idc-b  active    0',
      '',
      'NEWEST DRILL',
      'evacuation of idc-a by operator: running, waiting 1, moved 1 (drill-1)',
      '',
      'BROKER GROUPS',
      'GROUP             KIND   PHASE   EPOCH  MASTER                              POLICY     ON SHORTAGE  WAIT  REPLICAS  AUTOMATIC',
      'default/orders-a  redis  active  3      orders-a-1 (idc-a, 127.0.0.1:7101)  cross-idc  degrade      1     2         on',
      '',
      'AUTOMATIC ACTION',
      'STOPPED                 SINCE                     UNTIL         BY        REASON',
      'group default/orders-a  2030-01-02 00:00:00.000Z  until lifted  operator  drill',
      '',
      'NEEDS AN OPERATOR',
      '! default/orders-a held since 2030-01-02 03:04:05.000Z',
      '  orders-a-2 still receives from its master',
    ),
  );
});

test('pollux status says how far the tier is with groups that lost something', async () => {
  const recovery = {
    fencing: 40,
    promoting: 3,
    withoutMaster: 44,
    degraded: 12,
    replicasOutside: 17,
    resyncing: 8,
  };
  const said = await runAgainst(() => json({ ...status, recovery }), ['status']);
  assert.match(
    said.stdout,
    /^recovery: +40 fencing, 3 promoting, 1 without a master, 12 degraded, 17 replicas outside of their sync set, 8 replicas in a full resync$/m,
  );
});

test('pollux status counts RocketMQ broker sets where there are any', async () => {
  const brokerSets = { count: 40, withoutMaster: 1, degraded: 3 };
  const said = await runAgainst(() => json({ ...status, brokerSets }), ['status']);
  assert.match(said.stdout, /^broker sets: +40, 1 without a master, 3 degraded$/m);
});
