/**
 * What a node shows at `/metrics`. What can be read is read when somebody asks, from the same face that the doors use,
 * so that the page never disagrees with them; the list of names is closed and documented in platform/README.md.
 */

import type { BrokerAnswer } from '../core/coordinator/broker-sets/rocketmq-port.ts';
import type { TierEvent } from '../core/coordinator/effects.ts';
import { acknowledgingCount } from '../core/failover/acknowledging.ts';
import type { Observation } from '../core/liveness/observation.ts';
import { isNote } from '../core/metadata/history.ts';
import { isAutomaticStopped } from '../core/metadata/queries.ts';
import type { GroupPhase, MetadataState, StopScope } from '../core/metadata/state.ts';
import type { NodeFace } from '../core/node/face.ts';
import type { ClockPort } from '../core/node/ports.ts';
import type { AlertCode } from '../core/primitives/alert-code.ts';
import { createMetrics, type NodeMetrics as Measures } from '../platform/metrics.ts';
import { brokerMeasures } from './broker-measures.ts';
import { brokerSetMeasures, setBrokerEvidence, setBrokerSets } from './broker-set-measures.ts';
import { moveMeasures } from './move-measures.ts';
import { rocketmqAnswers } from './rocketmq-answers.ts';

export type PeerFigures = {
  readonly connected: boolean;
  readonly queuedBytes: number;
  readonly sentMessages: number;
  readonly droppedMessages: number;
};

export type NodeMetrics = {
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** One batch has reached the disk. */
  persisted(entries: number, tookMs: number): void;
  stalled(stalledMs: number): void;
  /** Of one of this node's own probes. */
  observed(observation: Observation): void;
  /** The same of a RocketMQ broker. */
  brokerAnswered(address: string, answer: BrokerAnswer): void;
  published(event: TierEvent): void;
  logged(event: string, fields: Readonly<Record<string, unknown>>): void;
};

export type MetricSources = {
  readonly face: NodeFace;
  readonly peers: () => ReadonlyMap<string, PeerFigures>;
  readonly clock: ClockPort;
};

export function nodeMetrics({ face, peers, clock }: MetricSources): NodeMetrics {
  const measures = createMetrics();
  const brokers = brokerMeasures(measures, () => face.status().node);
  const moves = moveMeasures(measures, face, clock.now().wallMs);
  const answers = rocketmqAnswers(measures, face);
  const sets = brokerSetMeasures(
    measures,
    () => face.state().brokerSetHistory,
    () => clock.now().wallMs,
  );
  return {
    text: async () => {
      setConsensus(measures, face);
      brokers.keepOnly(face.state());
      answers.keepOnly();
      setState(measures, face);
      setGroups(measures, face.state(), clock.now().wallMs);
      setBrokerSets(measures, face.state());
      setBrokerEvidence(measures, face);
      setEvidence(measures, face);
      setPeers(measures, peers());
      return { contentType: measures.contentType, text: await measures.text() };
    },
    persisted: (entries, tookMs) => {
      measures.add('pollux_log_entries_total', {}, entries);
      measures.observe('pollux_log_persist_seconds', {}, tookMs / 1_000);
    },
    observed: (observation) => brokers.observed(observation),
    published: (event) => moves.published(event),
    brokerAnswered: (address, answer) => answers.answered(address, answer),
    logged: (event, fields) => {
      moves.logged(event, fields);
      sets.logged(event, fields);
    },
    stalled: (stalledMs) => measures.add('pollux_stalled_seconds_total', {}, stalledMs / 1_000),
  };
}

function setConsensus(measures: Measures, face: NodeFace): void {
  const { role, term, commitIndex, appliedIndex, lastIndex, snapshotIndex } = face.status();
  measures.set('pollux_node_leader', {}, role === 'leader' ? 1 : 0);
  measures.set('pollux_node_current', {}, face.isCurrent() ? 1 : 0);
  measures.set('pollux_node_term', {}, term);
  measures.set('pollux_node_commit_index', {}, commitIndex);
  measures.set('pollux_node_applied_index', {}, appliedIndex);
  measures.set('pollux_node_last_index', {}, lastIndex);
  measures.set('pollux_node_snapshot_index', {}, snapshotIndex);
}

const PHASES: Readonly<Record<GroupPhase['kind'], number>> = { active: 0, fencing: 0, promoting: 0 };
const SCOPES: Readonly<Record<StopScope['kind'], number>> = { all: 0, idc: 0, group: 0 };

/** How many of each; kinds that nothing has are shown as 0, so that an alarm can tell "none" from "not measured". */
function countsOf<Kind extends string>(
  none: Readonly<Record<Kind, number>>,
  kinds: Iterable<Kind>,
): readonly [string, number][] {
  const counts: Record<Kind, number> = { ...none };
  for (const kind of kinds) counts[kind] += 1;
  return Object.entries<number>(counts);
}

function setState(measures: Measures, face: NodeFace): void {
  const { groups, topics, joined, stops, history } = face.state();
  measures.set('pollux_topics', {}, topics.size);
  measures.set('pollux_members_joined', {}, joined.size);
  const phases = [...groups.values()].map(({ phase }) => phase.kind);
  for (const [phase, count] of countsOf(PHASES, phases)) measures.set('pollux_groups', { phase }, count);
  const scopes = stops.map(({ scope }) => scope.kind);
  for (const [scope, count] of countsOf(SCOPES, scopes))
    measures.set('pollux_automatic_stops', { scope }, count);

  measures.clear('pollux_moves');
  const moves = new Map<string, { reason: string; outcome: string; count: number }>();
  for (const record of history) {
    if (isNote(record)) continue;
    const { reason, outcome } = record;
    const kind = `${reason} ${outcome}`;
    moves.set(kind, { reason, outcome, count: (moves.get(kind)?.count ?? 0) + 1 });
  }
  for (const { reason, outcome, count } of moves.values())
    measures.set('pollux_moves', { reason, outcome }, count);
}

const GROUP_GAUGES = [
  'pollux_group_epoch',
  'pollux_group_active',
  'pollux_group_degraded',
  'pollux_group_sync_set_members',
  'pollux_group_wait_count',
  'pollux_group_blocked',
  'pollux_group_automatic_stopped',
  'pollux_group_cooling_down',
  'pollux_group_watch_only',
] as const;

/** A group that is gone is gone from the page. */
function setGroups(measures: Measures, state: MetadataState, wallMs: number): void {
  for (const name of GROUP_GAUGES) measures.clear(name);
  for (const group of state.groups.values()) {
    const { cooldown, cooldownMs, phase } = group;
    const labels = { group: group.key };
    const set = group.syncSets.at(-1);
    const members = set?.members.length ?? 0;
    const waitCount = set === undefined ? 0 : acknowledgingCount(set);
    const cools = cooldown !== null && wallMs < cooldown.sinceWallMs + cooldownMs;
    measures.set('pollux_group_epoch', labels, group.epoch);
    measures.set('pollux_group_active', labels, Number(phase.kind === 'active'));
    measures.set('pollux_group_degraded', labels, Number(set?.degraded === true));
    measures.set('pollux_group_sync_set_members', labels, members);
    measures.set('pollux_group_wait_count', labels, waitCount);
    measures.set('pollux_group_blocked', labels, Number(set === undefined || waitCount > members));
    measures.set('pollux_group_automatic_stopped', labels, Number(isAutomaticStopped(state, group) !== null));
    measures.set('pollux_group_cooling_down', labels, Number(cools));
    measures.set('pollux_group_watch_only', labels, Number(group.watchOnly));
  }
}

const ALERTS: Readonly<Record<AlertCode, number>> = {
  unprovable: 0,
  held: 0,
  shortage: 0,
  degraded: 0,
  brokerRefused: 0,
  automaticStopped: 0,
  deviation: 0,
  coolingDown: 0,
  wouldHave: 0,
  masterless: 0,
  duplicateName: 0,
};

function setEvidence(measures: Measures, face: NodeFace): void {
  // Every node knows the leader's board; counted once, a sum over the nodes is right.
  const board = face.status().role === 'leader' ? face.alerts() : [];
  const codes = board.map(({ code }) => code);
  for (const [code, count] of countsOf(ALERTS, codes)) measures.set('pollux_alerts', { code }, count);

  const rows = face.evidence();
  const { node } = face.status();
  const standings = rows.filter(({ vantage }) => vantage === node).map(({ standing }) => standing);
  const none = { alive: 0, suspect: 0, unknown: 0 };
  for (const [standing, count] of countsOf(none, standings))
    measures.set('pollux_replicas', { standing }, count);

  const syncing = rows.filter(
    ({ vantage, outcome }) =>
      vantage === node && outcome.kind === 'answered' && outcome.report.follows?.syncing === true,
  );
  measures.set('pollux_replicas_syncing', {}, syncing.length);

  measures.clear('pollux_replica_answer_seconds');
  measures.clear('pollux_replica_evidence_age_seconds');
  for (const { group, replica, vantage, answerMs, ageMs } of rows) {
    const labels = { group, replica, vantage };
    measures.set('pollux_replica_evidence_age_seconds', labels, ageMs / 1_000);
    if (answerMs !== null) measures.set('pollux_replica_answer_seconds', labels, answerMs / 1_000);
  }
}

function setPeers(measures: Measures, peers: ReadonlyMap<string, PeerFigures>): void {
  for (const [peer, { connected, queuedBytes, sentMessages, droppedMessages }] of peers) {
    measures.set('pollux_peer_connected', { peer }, connected ? 1 : 0);
    measures.set('pollux_peer_queued_bytes', { peer }, queuedBytes);
    measures.setTotal('pollux_peer_sent_messages_total', { peer }, sentMessages);
    measures.setTotal('pollux_peer_dropped_messages_total', { peer }, droppedMessages);
  }
}
