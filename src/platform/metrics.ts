/**
 * What a node measures. The list is closed: a metric that is not here cannot be written, and README.md of this room
 * says the same of each, which a test compares. Beside these a node shows what prom-client knows of any process.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

type MetricShape = {
  readonly kind: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram; SECONDS_BUCKETS where they are left out. */
  readonly buckets?: readonly number[];
};

export const METRICS = {
  pollux_node_leader: { kind: 'gauge', help: '1 on the node that leads, 0 elsewhere.', labels: [] },
  pollux_node_current: {
    kind: 'gauge',
    help: '1 while the node can confirm that it is current.',
    labels: [],
  },
  pollux_node_term: { kind: 'gauge', help: 'Term of consensus.', labels: [] },
  pollux_node_commit_index: { kind: 'gauge', help: 'Highest log index known to be committed.', labels: [] },
  pollux_node_applied_index: { kind: 'gauge', help: 'Highest log index that was applied.', labels: [] },
  pollux_node_last_index: { kind: 'gauge', help: 'Highest log index of the node.', labels: [] },
  pollux_node_snapshot_index: { kind: 'gauge', help: 'Log index of the newest snapshot.', labels: [] },
  pollux_groups: { kind: 'gauge', help: 'Broker groups by phase.', labels: ['phase'] },
  pollux_group_epoch: { kind: 'gauge', help: 'Epoch of a broker group.', labels: ['group'] },
  pollux_group_degraded: {
    kind: 'gauge',
    help: '1 while the group acknowledges with fewer replicas than its policy asks for.',
    labels: ['group'],
  },
  pollux_group_active: {
    kind: 'gauge',
    help: '1 while a master reigns, 0 while the group is fenced or promotes.',
    labels: ['group'],
  },
  pollux_group_sync_set_members: {
    kind: 'gauge',
    help: 'Replicas beside the master that may acknowledge.',
    labels: ['group'],
  },
  pollux_group_wait_count: {
    kind: 'gauge',
    help: 'Acknowledgements that a write takes beside the master.',
    labels: ['group'],
  },
  pollux_group_blocked: {
    kind: 'gauge',
    help: '1 while no write can be acknowledged: it takes more members than there are.',
    labels: ['group'],
  },
  pollux_group_automatic_stopped: {
    kind: 'gauge',
    help: '1 while an operator keeps automatic action from the group.',
    labels: ['group'],
  },
  pollux_group_cooling_down: {
    kind: 'gauge',
    help: '1 while the group is left alone after an automatic failover.',
    labels: ['group'],
  },
  pollux_group_watch_only: {
    kind: 'gauge',
    help: '1 while somebody else steers the group and pollux only watches it.',
    labels: ['group'],
  },
  pollux_moves_total: {
    kind: 'counter',
    help: 'Moves of masters that ended while this node led, by reason and outcome.',
    labels: ['reason', 'outcome'],
  },
  pollux_move_phase_seconds: {
    kind: 'histogram',
    help: 'Time that a phase of a move took; on the node that led at its end.',
    labels: ['phase'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60],
  },
  pollux_confirmations_total: {
    kind: 'counter',
    help: 'Rounds of asking all nodes about a master, by what a quorum made of them.',
    labels: ['verdict'],
  },
  pollux_suspicions_total: {
    kind: 'counter',
    help: 'Suspicions that reached confirmation, by what came of them.',
    labels: ['outcome'],
  },
  pollux_moves: {
    kind: 'gauge',
    help: 'Moves of masters that the history keeps, by reason and outcome.',
    labels: ['reason', 'outcome'],
  },
  pollux_automatic_stops: {
    kind: 'gauge',
    help: 'Stops of automatic action, by what they apply to.',
    labels: ['scope'],
  },
  pollux_members_joined: {
    kind: 'gauge',
    help: 'Nodes of the tier that have ever taken part.',
    labels: [],
  },
  pollux_topics: { kind: 'gauge', help: 'Topics of the tier.', labels: [] },
  pollux_alerts: { kind: 'gauge', help: 'What needs an operator, by code; on the leader.', labels: ['code'] },
  pollux_replicas: {
    kind: 'gauge',
    help: 'Replicas by their standing as this node sees them.',
    labels: ['standing'],
  },
  pollux_replica_answer_seconds: {
    kind: 'gauge',
    help: 'Smoothed answer time of a replica as seen from a node; from the others on the leader.',
    labels: ['group', 'replica', 'vantage'],
  },
  pollux_replica_evidence_age_seconds: {
    kind: 'gauge',
    help: 'Time since the newest evidence of a replica, as seen from a node.',
    labels: ['group', 'replica', 'vantage'],
  },
  pollux_replica_probe_seconds: {
    kind: 'histogram',
    help: 'Time from a question to its answer, by replica, as this node measures it.',
    labels: ['group', 'replica', 'vantage'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
  },
  pollux_replica_probe_failures_total: {
    kind: 'counter',
    help: 'Questions of this node that a replica did not answer, or with an error.',
    labels: ['group', 'replica', 'vantage', 'outcome'],
  },
  pollux_replica_resyncs_total: {
    kind: 'counter',
    help: 'Full resyncs of a replica that this node saw begin.',
    labels: ['group', 'replica', 'vantage'],
  },
  pollux_replicas_syncing: {
    kind: 'gauge',
    help: 'Replicas in a full resync, as this node sees them.',
    labels: [],
  },
  pollux_broker_sets: {
    kind: 'gauge',
    help: 'RocketMQ broker sets: with a master, without one, never with one yet, or in routes only.',
    labels: ['standing'],
  },
  pollux_broker_set_master_epoch: {
    kind: 'gauge',
    help: 'Master epoch of a RocketMQ broker set.',
    labels: ['broker_set'],
  },
  pollux_broker_set_mastered: {
    kind: 'gauge',
    help: '1 while the broker set has a master.',
    labels: ['broker_set'],
  },
  pollux_broker_set_brokers: {
    kind: 'gauge',
    help: 'Brokers of the set that have an id.',
    labels: ['broker_set'],
  },
  pollux_broker_set_in_sync_brokers: {
    kind: 'gauge',
    help: 'Members of its sync state set, its master among them.',
    labels: ['broker_set'],
  },
  pollux_broker_set_degraded: {
    kind: 'gauge',
    help: '1 while no member of the sync state set stands outside the IDC of the master, and the policy wants one.',
    labels: ['broker_set'],
  },
  pollux_broker_set_unproven: {
    kind: 'gauge',
    help: '1 while nobody can tell which of its brokers holds what was acknowledged.',
    labels: ['broker_set'],
  },
  pollux_broker_set_automatic_stopped: {
    kind: 'gauge',
    help: '1 while an operator keeps automatic action from the broker set.',
    labels: ['broker_set'],
  },
  pollux_broker_registrations: {
    kind: 'gauge',
    help: 'Brokers registered with the NameServer.',
    labels: [],
  },
  pollux_registered_topics: {
    kind: 'gauge',
    help: 'RocketMQ topics that registered brokers have.',
    labels: [],
  },
  pollux_broker_set_elections_total: {
    kind: 'counter',
    help: 'Elections of broker sets that were committed while this node led; nobody: a master lost without a successor.',
    labels: ['reason', 'outcome'],
  },
  pollux_broker_set_phase_seconds: {
    kind: 'histogram',
    help: 'Time from the suspicion of a master to the election, and from there until the new one reigns; on the node that led.',
    labels: ['phase'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60],
  },
  pollux_broker_set_confirmations_total: {
    kind: 'counter',
    help: 'Rounds of asking all nodes about the master of a broker set, by what a quorum made of them.',
    labels: ['verdict'],
  },
  pollux_broker_set_suspicions_total: {
    kind: 'counter',
    help: 'Suspicions of masters of broker sets that reached confirmation, by what came of them.',
    labels: ['outcome'],
  },
  pollux_broker_role_changes_total: {
    kind: 'counter',
    help: 'Role changes that brokers acknowledged, or answered with an error, while this node led.',
    labels: ['outcome'],
  },
  pollux_sync_state_set_changes_total: {
    kind: 'counter',
    help: 'Changes of sync state sets that masters asked for while this node led: committed, or why not.',
    labels: ['outcome'],
  },
  pollux_broker_registrations_taken_total: {
    kind: 'counter',
    help: 'Registrations with something new in them that were committed while this node led.',
    labels: [],
  },
  pollux_broker_registrations_expired_total: {
    kind: 'counter',
    help: 'Brokers that this node, leading, took out of the routes: found dead by a quorum, or unheard for their own time.',
    labels: ['cause'],
  },
  pollux_broker_evidence_age_seconds: {
    kind: 'gauge',
    help: 'Time since the newest sign of a RocketMQ broker, as heard by a node.',
    labels: ['broker_set', 'broker', 'vantage'],
  },
  pollux_broker_answer_seconds: {
    kind: 'histogram',
    help: 'Time from a question to its answer, by RocketMQ broker, as this node measures it.',
    labels: ['broker_set', 'broker', 'vantage'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
  },
  pollux_broker_answer_failures_total: {
    kind: 'counter',
    help: 'Questions of this node that a RocketMQ broker did not answer, or with an error.',
    labels: ['broker_set', 'broker', 'vantage', 'outcome'],
  },
  pollux_peer_connected: { kind: 'gauge', help: '1 while a peer is connected.', labels: ['peer'] },
  pollux_peer_queued_bytes: { kind: 'gauge', help: 'Bytes that wait for a peer.', labels: ['peer'] },
  pollux_peer_sent_messages_total: { kind: 'counter', help: 'Messages sent to a peer.', labels: ['peer'] },
  pollux_peer_dropped_messages_total: {
    kind: 'counter',
    help: 'Messages for a peer that were dropped: no connection, or too many waited.',
    labels: ['peer'],
  },
  pollux_log_entries_total: { kind: 'counter', help: 'Entries written to the disk log.', labels: [] },
  pollux_log_persist_seconds: {
    kind: 'histogram',
    help: 'Time from handing a batch to the disk log until it was synced.',
    labels: [],
  },
  pollux_stalled_seconds_total: {
    kind: 'counter',
    help: 'Time for which the process stood still, or by which its clocks came apart.',
    labels: [],
  },
} as const satisfies Record<string, MetricShape>;

type Metrics = typeof METRICS;
export type MetricName = keyof Metrics;
type NameOf<Kind extends MetricShape['kind']> = {
  [Name in MetricName]: Metrics[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
type LabelsOf<Name extends MetricName> = Readonly<Record<Metrics[Name]['labels'][number], string | number>>;

/** From a synced write on a fast disk to one that holds up elections. */
const SECONDS_BUCKETS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export type NodeMetrics = {
  readonly contentType: string;
  /** The page that Prometheus reads. */
  text(): Promise<string>;
  set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Forgets all values of a gauge: what it was about may be gone. */
  clear(name: NameOf<'gauge'>): void;
  add<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by: number): void;
  /** For a counter that is kept elsewhere and only shown here. */
  setTotal<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, total: number): void;
  /** Forgets the values of one counter or histogram under these labels. */
  forget<Name extends NameOf<'counter' | 'histogram'>>(name: Name, labels: LabelsOf<Name>): void;
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
};

/** How often the lag of the event loop is looked at: at the library's 10 ms an idle node does little else. */
const LAG_LOOK_INTERVAL_MS = 100;

export function createMetrics(): NodeMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_LOOK_INTERVAL_MS });
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, shape] of Object.entries<MetricShape>(METRICS)) {
    const options = { name, help: shape.help, labelNames: shape.labels, registers: [registry] };
    if (shape.kind === 'gauge') gauges.set(name, new Gauge(options));
    else if (shape.kind === 'counter') counters.set(name, new Counter(options));
    else
      histograms.set(name, new Histogram({ ...options, buckets: [...(shape.buckets ?? SECONDS_BUCKETS)] }));
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    clear: (name) => gauges.get(name)?.reset(),
    add: (name, labels, by) => counters.get(name)?.inc(labels, by),
    setTotal: (name, labels, total) => {
      counters.get(name)?.remove(labels);
      counters.get(name)?.inc(labels, total);
    },
    forget: (name, labels) => {
      counters.get(name)?.remove(labels);
      histograms.get(name)?.remove(labels);
    },
    observe: (name, labels, seconds) => histograms.get(name)?.observe(labels, seconds),
  };
}
