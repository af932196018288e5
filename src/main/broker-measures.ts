/**
 * What this node measures of each server while it probes it: answer times, failures, and full resyncs that begin. Only
 * declared servers are shown, and of a bounded number of them; what the other nodes measured they show themselves.
 */
import type { Observation, ReplicaRef } from '../core/liveness/observation.ts';
import { findGroup, findReplica } from '../core/metadata/queries.ts';
import type { BrokerKind, MetadataState } from '../core/metadata/state.ts';
import type { DriverPort } from '../core/node/ports.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { NodeMetrics as Measures } from '../platform/metrics.ts';

export type BrokerMeasures = {
  observed(observation: Observation): void;
  /** Forgets servers that are not declared any more. */
  keepOnly(state: MetadataState): void;
};

export const measuredDrivers = (
  drivers: ReadonlyMap<BrokerKind, DriverPort>,
  observed: (observation: Observation) => void,
): ReadonlyMap<BrokerKind, DriverPort> =>
  new Map([...drivers].map(([kind, driver]) => [kind, measured(driver, observed)]));

/** The same driver; what its probes see is measured on the way. */
function measured(driver: DriverPort, observed: (observation: Observation) => void): DriverPort {
  return {
    watch: (targets) => driver.watch(targets),
    onObservation: (handler) =>
      driver.onObservation((observation) => {
        observed(observation);
        handler(observation);
      }),
    probeFresh: (target, timeoutMs) => driver.probeFresh(target, timeoutMs),
    steer: (request) => driver.steer(request),
    close: () => driver.close(),
  };
}

const FAILURES = ['refused', 'silent', 'disconnected', 'answeredError'] as const;

export function brokerMeasures(measures: Measures, vantage: () => string): BrokerMeasures {
  const seen = new Map<string, { readonly ref: ReplicaRef; readonly vantage: string; syncing: boolean }>();
  const labelsOf = ({ ref, vantage: node }: { readonly ref: ReplicaRef; readonly vantage: string }) => ({
    group: ref.group,
    replica: ref.replica,
    vantage: node,
  });
  const measuredOf = (ref: ReplicaRef) => {
    const key = `${ref.group} ${ref.replica}`;
    let measured = seen.get(key);
    if (measured === undefined && seen.size < LIMITS.replicasMeasured) {
      measured = { ref, vantage: vantage(), syncing: false };
      seen.set(key, measured);
    }
    return measured;
  };
  return {
    observed({ ref, outcome }) {
      const measured = measuredOf(ref);
      if (measured === undefined) return;
      const labels = labelsOf(measured);
      if (outcome.kind === 'answered' || outcome.kind === 'answeredError')
        measures.observe('pollux_replica_probe_seconds', labels, outcome.answerMs / 1_000);
      if (outcome.kind !== 'answered') {
        measures.add('pollux_replica_probe_failures_total', { ...labels, outcome: outcome.kind }, 1);
        return;
      }
      const syncing = outcome.report.follows?.syncing === true;
      if (syncing && !measured.syncing) measures.add('pollux_replica_resyncs_total', labels, 1);
      measured.syncing = syncing;
    },
    keepOnly(state) {
      for (const [key, measured] of seen) {
        const group = findGroup(state, measured.ref.group);
        if (group !== null && findReplica(group, measured.ref.replica) !== null) continue;
        seen.delete(key);
        const labels = labelsOf(measured);
        measures.forget('pollux_replica_probe_seconds', labels);
        measures.forget('pollux_replica_resyncs_total', labels);
        for (const outcome of FAILURES)
          measures.forget('pollux_replica_probe_failures_total', { ...labels, outcome });
      }
    },
  };
}
