import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../src/core/liveness/observation.ts';
import type { HistoryRecord } from '../../src/core/metadata/state.ts';
import {
  epoch,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  siteName,
} from '../../src/core/primitives/identifiers.ts';
import { nodeMetrics } from '../../src/main/node-metrics.ts';
import { METRICS } from '../../src/platform/metrics.ts';
import { addressOf, applyId, BROKER_A, CLUSTER, elect } from '../core/metadata/broker-set-fixture.ts';
import { fakeNode, keyOf, must } from '../doors/http/fake-node.ts';

const PEERS = new Map([
  ['node-b', { connected: true, queuedBytes: 12, sentMessages: 34, droppedMessages: 5 }],
]);

function scenery() {
  const node = fakeNode();
  const seenFrom = (vantage: string, answerMs: number | null, standing: 'alive' | 'suspect') => ({
    vantage: nodeName(vantage),
    group: keyOf('orders-a'),
    replica: replicaId('orders-a-1'),
    outcome: { kind: 'silent' as const, waitedMs: 5 },
    ageMs: 250,
    answerMs,
    standing,
  });
  node.evidenceRows = [seenFrom('node-a', 1.5, 'alive'), seenFrom('node-b', null, 'suspect')];
  node.alertRows = [{ group: keyOf('orders-a'), code: 'held', replica: null, message: 'x', sinceWallMs: 1 }];
  const clock = { now: () => ({ monotonicMs: 0, wallMs: 5_000 }) };
  const metrics = nodeMetrics({ face: node, peers: () => PEERS, clock });
  const page = async (): Promise<readonly string[]> => (await metrics.text()).text.split('\n');
  return { node, metrics, page };
}

const ref = { group: keyOf('orders-a'), replica: replicaId('orders-a-1') };
const silent: Observation = { ref, fresh: false, outcome: { kind: 'silent', waitedMs: 300 } };
const answered = (syncing: boolean): Observation => ({
  ref,
  fresh: false,
  outcome: {
    kind: 'answered',
    answerMs: 2,
    report: {
      incarnation: incarnation('run'),
      role: 'slave',
      loading: false,
      lineage: lineage('one'),
      secondLineage: null,
      secondOffset: -1n,
      offset: 1n,
      follows: { address: 'x:1', linkUp: !syncing, syncing, lastReceivedSecondsAgo: 0 },
      connectedSlaves: 0,
      epoch: null,
    },
  },
});

type Scenery = ReturnType<typeof scenery>;

/** A suspicion that is confirmed and carried out, as the loop tells of it. */
function fail(
  node: Scenery['node'],
  metrics: Scenery['metrics'],
  changes: Partial<HistoryRecord> = {},
): void {
  metrics.logged('master.judged', { group: ref.group, verdict: 'dead' });
  metrics.logged('failover.fencing', { group: ref.group, by: 'pollux' });
  const step = (name: string, wallMs: number) => ({ step: name, wallMs, detail: '' });
  const suspected = { node: nodeName('node-a'), site: siteName('idc-a'), verdict: 'dead' } as const;
  node.store.history = [
    ...node.store.history,
    {
      id: 'move-9',
      group: ref.group,
      reason: 'masterLost',
      epoch: epoch(2),
      from: ref.replica,
      to: null,
      by: 'pollux',
      evidence: [{ ...suspected, detail: 'suspected: silent', wallMs: 6_000 }],
      steps: [step('fencing', 6_300), step('promoting', 6_340), step('active', 6_350)],
      candidates: [],
      loss: { predictedBytes: 0n, measuredBytes: null },
      tail: null,
      outcome: 'completed',
      ...changes,
    },
  ];
  metrics.published({
    type: 'groupPhase',
    index: 1,
    group: ref.group,
    phase: 'active',
    epoch: 2,
    master: ref.replica,
  });
}

test('each probe of this node is measured: answer times, failures, resyncs that begin', async () => {
  const { metrics, page } = scenery();
  for (const seen of [silent, answered(false), answered(true), answered(true), answered(false)])
    metrics.observed(seen);
  const labels = 'group="default/orders-a",replica="orders-a-1",vantage="node-a"';
  const shown = await page();
  for (const line of [
    `pollux_replica_probe_seconds_bucket{le="0.003",${labels}} 4`,
    `pollux_replica_probe_seconds_bucket{le="0.001",${labels}} 0`,
    `pollux_replica_probe_failures_total{${labels},outcome="silent"} 1`,
    `pollux_replica_resyncs_total{${labels}} 1`,
  ])
    assert.ok(
      shown.includes(line),
      `${line} is missing in:\n${shown.filter((one) => one.includes('probe'))}`,
    );
});

test('a failover is counted once, where it ended, with the time of each phase', async () => {
  const { node, metrics, page } = scenery();
  fail(node, metrics);
  metrics.published({
    type: 'groupPhase',
    index: 2,
    group: ref.group,
    phase: 'active',
    epoch: 2,
    master: ref.replica,
  });
  metrics.logged('suspicion.ended', { group: ref.group, outcome: 'refuted' });
  const shown = await page();
  for (const line of [
    'pollux_moves_total{reason="masterLost",outcome="completed"} 1',
    'pollux_move_phase_seconds_sum{phase="confirming"} 0.3',
    'pollux_move_phase_seconds_sum{phase="fencing"} 0.04',
    'pollux_move_phase_seconds_sum{phase="promoting"} 0.01',
    'pollux_move_phase_seconds_sum{phase="whole"} 0.35',
    'pollux_confirmations_total{verdict="dead"} 1',
    'pollux_suspicions_total{outcome="carriedOut"} 1',
    'pollux_suspicions_total{outcome="refuted"} 1',
  ])
    assert.ok(shown.includes(line), `${line} is missing in:\n${shown.filter((one) => one.includes('move'))}`);
});

test('what ended before this process began, or under another leader, is not counted here', async () => {
  const before = scenery();
  fail(before.node, before.metrics, { steps: [{ step: 'active', wallMs: 4_999, detail: '' }] });
  const follower = scenery();
  const status = follower.node.status();
  follower.node.status = () => ({ ...status, role: 'follower' });
  fail(follower.node, follower.metrics);
  // It leads from now on: what its predecessor counted is not counted again with the next event of the group.
  follower.node.status = () => ({ ...status, role: 'leader' });
  follower.metrics.published({
    type: 'groupPhase',
    index: 2,
    group: ref.group,
    phase: 'fencing',
    epoch: 3,
    master: ref.replica,
  });
  for (const { page } of [before, follower])
    assert.ok(!(await page()).some((line) => line.startsWith('pollux_moves_total{')));
});

test('brakes of a group are shown: a stop, a cool-down while it lasts', async () => {
  const { node, page } = scenery();
  const group = node.store.groups.get(ref.group);
  assert.ok(group !== undefined);
  const cooldown = { recordId: 'move-9', sinceWallMs: 5_000 - group.cooldownMs + 1 };
  node.store.groups.set(group.key, { ...group, cooldown });
  node.store.stops = [
    {
      scope: { kind: 'group', group: group.key },
      by: 'eve',
      reason: '',
      sinceWallMs: 0,
      untilWallMs: null,
    },
  ];
  const shown = await page();
  assert.ok(shown.includes('pollux_group_cooling_down{group="default/orders-a"} 1'));
  assert.ok(shown.includes('pollux_group_cooling_down{group="default/orders-b"} 0'));
  assert.ok(shown.includes('pollux_group_automatic_stopped{group="default/orders-a"} 1'));
  node.store.groups.set(group.key, {
    ...group,
    cooldown: { ...cooldown, sinceWallMs: 0 - group.cooldownMs },
  });
  assert.ok((await page()).includes('pollux_group_cooling_down{group="default/orders-a"} 0'));
});

test('alerts are counted on the leader alone, although every node shows them', async () => {
  const { node, page } = scenery();
  assert.ok((await page()).includes('pollux_alerts{code="held"} 1'));
  const status = node.status();
  node.status = () => ({ ...status, role: 'follower' });
  assert.ok((await page()).includes('pollux_alerts{code="held"} 0'));
});

test('one page shows the node, its tier, what it sees and its peers', async () => {
  const { metrics, page } = scenery();
  metrics.persisted(3, 20);
  metrics.stalled(1_500);
  const shown = await page();
  const applied = scenery().node.store.appliedIndex;
  for (const line of [
    'pollux_node_leader 1',
    'pollux_node_current 1',
    'pollux_node_term 1',
    `pollux_node_applied_index ${applied}`,
    'pollux_groups{phase="active"} 2',
    'pollux_groups{phase="fencing"} 0',
    'pollux_group_epoch{group="default/orders-a"} 1',
    'pollux_group_active{group="default/orders-a"} 1',
    'pollux_group_degraded{group="default/orders-a"} 0',
    'pollux_group_sync_set_members{group="default/orders-a"} 2',
    'pollux_group_wait_count{group="default/orders-a"} 2',
    'pollux_group_blocked{group="default/orders-a"} 0',
    'pollux_group_automatic_stopped{group="default/orders-a"} 0',
    'pollux_group_cooling_down{group="default/orders-a"} 0',
    'pollux_replicas_syncing 0',
    'pollux_moves{reason="adoption",outcome="completed"} 2',
    'pollux_automatic_stops{scope="all"} 0',
    'pollux_members_joined 0',
    'pollux_topics 1',
    'pollux_alerts{code="held"} 1',
    'pollux_alerts{code="shortage"} 0',
    'pollux_replicas{standing="alive"} 1',
    'pollux_replicas{standing="suspect"} 0',
    'pollux_replica_answer_seconds{group="default/orders-a",replica="orders-a-1",vantage="node-a"} 0.0015',
    'pollux_replica_evidence_age_seconds{group="default/orders-a",replica="orders-a-1",vantage="node-b"} 0.25',
    'pollux_peer_connected{peer="node-b"} 1',
    'pollux_peer_queued_bytes{peer="node-b"} 12',
    'pollux_peer_sent_messages_total{peer="node-b"} 34',
    'pollux_peer_dropped_messages_total{peer="node-b"} 5',
    'pollux_log_entries_total 3',
    'pollux_log_persist_seconds_bucket{le="0.025"} 1',
    'pollux_stalled_seconds_total 1.5',
  ]) {
    assert.ok(
      shown.includes(line),
      `${line} is missing in:\n${shown.filter((one) => one.includes('pollux'))}`,
    );
  }
  assert.ok(!shown.some((line) => /answer_seconds.*node-b/.test(line)), 'no answer, no answer time');
});

/** A set of RocketMQ, and everything that may be told of one. */
function tellOfBrokerSets(node: Scenery['node'], metrics: Scenery['metrics']): void {
  for (const command of [applyId(1), applyId(2), elect(1, 0)]) must(node.apply(command));
  const ref = { cluster: CLUSTER, name: BROKER_A, address: addressOf(1) };
  node.brokerEvidenceRows = [
    { ref, vantage: nodeName('node-b'), ageMs: 250, isClosed: false, heartbeat: null },
  ];
  metrics.brokerAnswered(addressOf(1), { kind: 'refused', error: 'x' });
  metrics.brokerAnswered(addressOf(1), {
    kind: 'answered',
    answerMs: 1,
    epochs: null,
    maxOffset: null,
    brokerId: 0,
    brokerName: null,
  });
  const recordId = elect(1, 0).recordId;
  const told = { set: BROKER_A, broker: 1, masterEpoch: 1, role: 'master' };
  for (const [event, fields] of [
    ['brokerSet.judged', { verdict: 'dead' }],
    ['brokerSet.suspicionEnded', { outcome: 'refuted' }],
    ['brokerSet.elected', { recordId }],
    ['brokerSet.roleTold', told],
    ['brokerSet.inSync', {}],
    ['registration.taken', {}],
    ['registration.expired', { cause: 'unheard' }],
  ] as const)
    metrics.logged(event, fields);
}

test('every metric of the list has a value', async () => {
  const { node, metrics, page } = scenery();
  metrics.persisted(1, 1);
  metrics.stalled(1);
  metrics.observed(silent);
  metrics.observed(answered(false));
  metrics.observed(answered(true));
  fail(node, metrics);
  tellOfBrokerSets(node, metrics);
  const shown = await page();
  const heard = 'broker_set="DefaultCluster/broker-a",broker="1",vantage="node-b"';
  assert.ok(shown.includes(`pollux_broker_evidence_age_seconds{${heard}} 0.25`));
  const without = Object.keys(METRICS).filter((name) => !shown.some((line) => line.startsWith(name)));
  assert.deepEqual(without, []);
});

test('what is gone is not shown any more', async () => {
  const { node, metrics, page } = scenery();
  for (const seen of [silent, answered(false), answered(true)]) metrics.observed(seen);
  assert.ok((await page()).some((line) => line.startsWith('pollux_replica_probe_seconds_count{')));
  node.evidenceRows = [];
  node.alertRows = [];
  node.store.groups.clear();
  node.current = false;
  const shown = await page();
  assert.ok(shown.includes('pollux_node_current 0'));
  assert.ok(shown.includes('pollux_alerts{code="held"} 0'));
  assert.deepEqual(
    shown.filter((line) => line.includes('orders-a')),
    [],
  );
});
