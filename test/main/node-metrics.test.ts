import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName, replicaId } from '../../src/core/primitives/identifiers.ts';
import { nodeMetrics } from '../../src/main/node-metrics.ts';
import { METRICS } from '../../src/platform/metrics.ts';
import { fakeNode, keyOf } from '../doors/http/fake-node.ts';

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
  const metrics = nodeMetrics({ face: node, peers: () => PEERS });
  const page = async (): Promise<readonly string[]> => (await metrics.text()).text.split('\n');
  return { node, metrics, page };
}

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
    'pollux_group_degraded{group="default/orders-a"} 0',
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

test('every metric of the list has a value', async () => {
  const { metrics, page } = scenery();
  metrics.persisted(1, 1);
  metrics.stalled(1);
  const shown = await page();
  const without = Object.keys(METRICS).filter((name) => !shown.some((line) => line.startsWith(name)));
  assert.deepEqual(without, []);
});

test('what is gone is not shown any more', async () => {
  const { node, page } = scenery();
  await page();
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
