/** Answers of a tier with one group of three servers, as the contract describes them. */
import type { DrillDetail, DrillSummary } from '../../src/contract/drills.ts';
import type { GroupDetail, GroupPlanAnswer, GroupSummary } from '../../src/contract/groups.ts';
import type { HistoryRecordAnswer } from '../../src/contract/history.ts';

const wallMs = Date.UTC(2030, 0, 2, 3, 4, 5);

export const summary: GroupSummary = {
  cluster: 'default',
  name: 'orders-a',
  kind: 'redis',
  watchOnly: false,
  policy: 'cross-idc',
  onShortage: 'degrade',
  timeFenceSeconds: 3,
  epoch: 3,
  master: { replica: 'orders-a-1', site: 'idc-a', address: '127.0.0.1:7101' },
  phase: { kind: 'active' },
  replicas: 2,
  syncSetVersion: 7,
  waitCount: 1,
  degraded: false,
  automaticStopped: false,
};

const report = {
  incarnation: 'a1b2c3',
  role: 'master',
  loading: false,
  lineage: 'l1',
  secondLineage: null,
  secondOffset: '-1',
  offset: '4096',
  connectedSlaves: 1,
  epoch: null,
  follows: null,
} as const;

export const detail: GroupDetail = {
  ...summary,
  replicas: [
    {
      id: 'orders-a-1',
      site: 'idc-a',
      endpoints: { client: '127.0.0.1:7101', replication: '127.0.0.1:7101', announced: null },
      priority: 100,
      incarnation: 'a1b2c3d4e5f6a7b8',
      role: 'master',
      caughtUp: true,
      evidence: [
        {
          vantage: 'node-a',
          standing: 'alive',
          ageMs: 120,
          answerMs: 0.4,
          outcome: { kind: 'answered', answerMs: 0.4, report },
        },
        {
          vantage: 'node-w',
          standing: 'suspect',
          ageMs: 2_500,
          answerMs: null,
          outcome: { kind: 'silent', waitedMs: 1_000 },
        },
      ],
    },
    {
      id: 'orders-a-2',
      site: 'idc-b',
      endpoints: { client: '127.0.0.1:7102', replication: '127.0.0.1:7102', announced: '192.0.2.1:7102' },
      priority: 10,
      incarnation: null,
      role: 'outside',
      caughtUp: false,
      evidence: [],
    },
  ],
  capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
  syncSets: [
    {
      version: 7,
      epoch: 3,
      members: [{ replica: 'orders-a-2', incarnation: 'ffff', caughtUp: true }],
      rule: { kind: 'anyOf', k: 1 },
      author: 'pollux',
      degraded: false,
    },
  ],
  waitCountAnyMaster: 2,
  floor: '4000',
  reigns: [],
  givenUp: [],
  protection: [{ client: 'pollux SDK', protection: 'the policy, exactly' }],
  detectionMs: 1_000,
  cooldownMs: 60_000,
  cooldown: null,
  owner: '',
  labels: { tier: 's1' },
  alerts: [
    {
      cluster: 'default',
      group: 'orders-a',
      code: 'held',
      message: 'orders-a-2 still receives from its master',
      sinceWallMs: wallMs,
    },
  ],
  stale: false,
};

export const plan: GroupPlanAnswer = {
  fit: true,
  master: 'orders-a-1',
  servers: [
    {
      replica: 'orders-a-1',
      site: 'idc-a',
      address: '127.0.0.1:7101',
      inspection: {
        report,
        version: '7.0.15',
        configFile: '/etc/redis/a.conf',
        prepared: false,
        keys: '12',
        persistence: 'aof',
        watchedBySentinel: false,
        problems: [],
        changes: ['its file says replicaof 127.0.0.1 1', 'repl-backlog-ttl becomes 0'],
      },
      error: null,
    },
    {
      replica: 'orders-a-2',
      site: 'idc-b',
      address: '127.0.0.1:7102',
      inspection: null,
      error: 'connection refused',
    },
  ],
  problems: [],
  survives: [
    { failure: 'master', outcome: 'zeroLoss', detail: '1 of 1 slaves must be read, orders-a-2 can be' },
    { failure: 'IDC idc-b', outcome: 'shortage', detail: 'acknowledged by the master alone' },
  ],
  waitCount: 1,
};

export const record: HistoryRecordAnswer = {
  id: 'move-1',
  cluster: 'default',
  group: 'orders-a',
  reason: 'operatorFailover',
  epoch: 4,
  from: 'orders-a-1',
  to: 'orders-a-2',
  by: 'operator',
  outcome: 'completed',
  loss: { predictedBytes: '0', measuredBytes: null },
  tail: null,
  evidence: [{ node: 'node-a', site: 'idc-a', verdict: 'dead', detail: 'refused 3 probes', wallMs }],
  steps: [
    { step: 'fencing', wallMs, detail: 'epoch 4' },
    { step: 'active', wallMs: wallMs + 42, detail: 'orders-a-2' },
  ],
  candidates: [
    {
      replica: 'orders-a-2',
      site: 'idc-b',
      offset: '4096',
      epoch: 3,
      chosen: true,
      detail: 'highest offset',
    },
  ],
};

export const drillSummary: DrillSummary = {
  id: 'drill-1',
  kind: 'evacuation',
  idc: 'idc-a',
  by: 'operator',
  parallel: 2,
  resyncs: 1,
  healthyMs: 0,
  outcome: 'running',
  startedWallMs: wallMs,
  endedWallMs: null,
  abortedBy: null,
  counts: { waiting: 1, moving: 0, moved: 1, failed: 0, notBegun: 0, takenBack: 0 },
};

export const drillDetail: DrillDetail = {
  ...drillSummary,
  moves: [
    {
      cluster: 'default',
      group: 'orders-a',
      state: 'moved',
      from: 'orders-a-1',
      to: 'orders-a-2',
      attempts: 1,
      epoch: 3,
      detail: 'orders-a-2 is the master in epoch 4',
      changedWallMs: wallMs + 42,
    },
    {
      cluster: 'default',
      group: 'stock',
      state: 'waiting',
      from: 'stock-1',
      to: null,
      attempts: 2,
      epoch: 1,
      detail: 'Master stock-1 does not answer.',
      changedWallMs: wallMs + 30,
    },
  ],
  troubles: [],
};
