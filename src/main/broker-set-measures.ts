/**
 * What a node shows of RocketMQ's broker sets: how they stand by the replicated state, and what happened to them while it
 * led, counted from the lines that it logs about what was committed.
 */
import { stopOfBrokerSet, wasNeverMastered } from '../core/metadata/broker-set-queries.ts';
import type { BrokerSet, BrokerSetRecord } from '../core/metadata/broker-set-state.ts';
import type { MetadataState } from '../core/metadata/state.ts';
import type { NodeFace } from '../core/node/face.ts';
import type { NodeMetrics as Measures } from '../platform/metrics.ts';

const GAUGES = [
  'pollux_broker_set_master_epoch',
  'pollux_broker_set_mastered',
  'pollux_broker_set_brokers',
  'pollux_broker_set_in_sync_brokers',
  'pollux_broker_set_degraded',
  'pollux_broker_set_unproven',
  'pollux_broker_set_automatic_stopped',
] as const;

type Standing = 'mastered' | 'masterless' | 'neverMastered' | 'routesOnly';

function standingOf(set: BrokerSet): Standing {
  if (set.master !== null) return 'mastered';
  return wasNeverMastered(set) ? 'neverMastered' : 'masterless';
}

/** A set that is gone is gone from the page. */
export function setBrokerSets(measures: Measures, state: MetadataState): void {
  const { brokerSets, namedSets, registrations, topicQueues } = state;
  for (const name of GAUGES) measures.clear(name);
  const counts: Record<Standing, number> = { mastered: 0, masterless: 0, neverMastered: 0, routesOnly: 0 };
  for (const name of namedSets.keys()) if (!brokerSets.has(name)) counts.routesOnly += 1;
  for (const set of brokerSets.values()) {
    counts[standingOf(set)] += 1;
    const labels = { broker_set: set.key };
    measures.set('pollux_broker_set_master_epoch', labels, set.masterEpoch);
    measures.set('pollux_broker_set_mastered', labels, Number(set.master !== null));
    measures.set('pollux_broker_set_brokers', labels, set.brokers.size);
    measures.set('pollux_broker_set_in_sync_brokers', labels, set.syncStateSet.length);
    measures.set('pollux_broker_set_degraded', labels, Number(set.degraded));
    measures.set('pollux_broker_set_unproven', labels, Number(set.unproven));
    const isStopped = stopOfBrokerSet(state, set) !== null;
    measures.set('pollux_broker_set_automatic_stopped', labels, Number(isStopped));
  }
  for (const [standing, count] of Object.entries(counts))
    measures.set('pollux_broker_sets', { standing }, count);
  measures.set('pollux_broker_registrations', {}, registrations.size);
  measures.set('pollux_registered_topics', {}, topicQueues.size);
}

/** By this node, and on every node by what the others told it. */
export function setBrokerEvidence(
  measures: Measures,
  face: Pick<NodeFace, 'state' | 'brokerEvidence'>,
): void {
  measures.clear('pollux_broker_evidence_age_seconds');
  for (const { key, cluster, name, brokers } of face.state().brokerSets.values()) {
    const ids = new Map([...brokers.values()].map(({ id, address }) => [address, id]));
    const refs = [...ids.keys()].map((address) => ({ cluster, name, address }));
    for (const { ref, vantage, ageMs } of face.brokerEvidence(refs)) {
      const labels = { broker_set: key, broker: ids.get(ref.address) ?? 0, vantage };
      measures.set('pollux_broker_evidence_age_seconds', labels, ageMs / 1_000);
    }
  }
}

export type BrokerSetMeasures = {
  logged(event: string, fields: Readonly<Record<string, unknown>>): void;
};

/** `records`: the elections that are kept; `wallMs`: now. */
export function brokerSetMeasures(
  measures: Measures,
  records: () => readonly BrokerSetRecord[],
  wallMs: () => number,
): BrokerSetMeasures {
  const observe = (phase: string, fromMs: number | undefined, toMs: number): void => {
    // Two leaders have two wall clocks; a span that is negative for that says nothing.
    if (fromMs !== undefined && toMs >= fromMs)
      measures.observe('pollux_broker_set_phase_seconds', { phase }, (toMs - fromMs) / 1_000);
  };
  const ended = (recordId: unknown, outcome: 'elected' | 'nobody'): void => {
    const record = records().findLast(({ id }) => id === recordId);
    if (record === undefined) return;
    const { reason, evidence } = record;
    measures.add('pollux_broker_set_elections_total', { reason, outcome }, 1);
    if (reason !== 'masterLost') return;
    measures.add('pollux_broker_set_suspicions_total', { outcome: 'carriedOut' }, 1);
    if (outcome === 'elected') observe('electing', evidence[0]?.wallMs, record.wallMs);
  };
  /** The first word of the new master that it reigns. */
  const reigns = (set: unknown, epoch: unknown): void => {
    const record = records().findLast(({ name, masterEpoch }) => name === set && masterEpoch === epoch);
    if (record !== undefined) observe('promoting', record.wallMs, wallMs());
  };
  return {
    logged(event, { outcome, verdict, recordId, code, cause, set, role, masterEpoch }) {
      switch (event) {
        case 'brokerSet.elected':
          ended(recordId, 'elected');
          return;
        case 'brokerSet.masterless':
          ended(recordId, 'nobody');
          return;
        case 'brokerSet.judged':
          measures.add('pollux_broker_set_confirmations_total', { verdict: String(verdict) }, 1);
          return;
        case 'brokerSet.suspicionEnded':
          measures.add('pollux_broker_set_suspicions_total', { outcome: String(outcome) }, 1);
          return;
        case 'brokerSet.roleTold':
          measures.add('pollux_broker_role_changes_total', { outcome: 'acknowledged' }, 1);
          if (role === 'master') reigns(set, masterEpoch);
          return;
        case 'brokerSet.roleRefused':
          measures.add('pollux_broker_role_changes_total', { outcome: 'refused' }, 1);
          return;
        case 'brokerSet.inSync':
          measures.add('pollux_sync_state_set_changes_total', { outcome: 'committed' }, 1);
          return;
        case 'brokerSet.alterRefused':
          measures.add('pollux_sync_state_set_changes_total', { outcome: String(code) }, 1);
          return;
        case 'registration.taken':
          measures.add('pollux_broker_registrations_taken_total', {}, 1);
          return;
        case 'registration.expired':
          measures.add('pollux_broker_registrations_expired_total', { cause: String(cause) }, 1);
          return;
        default:
          return;
      }
    },
  };
}
