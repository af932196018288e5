/** Observations for the liveness tests: m is the master, a2 and b1 follow it; times are monotonic milliseconds. */
import { absorb, type ReplicaEvidence } from '../../../src/core/liveness/evidence.ts';
import type { Observation, ProbeOutcome, ServerReport } from '../../../src/core/liveness/observation.ts';
import {
  clusterName,
  groupKey,
  groupName,
  incarnation,
  lineage,
  replicaId,
} from '../../../src/core/primitives/identifiers.ts';

export const GROUP = groupKey(clusterName('main'), groupName('orders'));
export const [M, A2, B1] = [replicaId('m'), replicaId('a2'), replicaId('b1')] as const;
export const MASTER_ADDRESS = '10.0.0.1:6379';
export const LIFE = incarnation('m-1');

export const at = (monotonicMs: number) => ({ monotonicMs, wallMs: 1_700_000_000_000 + monotonicMs });

export const masterReport = (change: Partial<ServerReport> = {}): ServerReport => ({
  incarnation: LIFE,
  role: 'master',
  loading: false,
  lineage: lineage('L1'),
  secondLineage: null,
  secondOffset: -1n,
  offset: 1_000n,
  follows: null,
  connectedSlaves: 2,
  epoch: null,
  ...change,
});

export const slaveReport = (
  offset: bigint,
  follows: Partial<NonNullable<ServerReport['follows']>> = {},
  change: Partial<ServerReport> = {},
): ServerReport =>
  masterReport({
    incarnation: incarnation('slave-1'),
    role: 'slave',
    offset,
    follows: { address: MASTER_ADDRESS, linkUp: true, syncing: false, lastReceivedSecondsAgo: 9, ...follows },
    ...change,
  });

export const answered = (report: ServerReport, answerMs = 1): ProbeOutcome => ({
  kind: 'answered',
  answerMs,
  report,
});
export const disconnected: ProbeOutcome = { kind: 'disconnected', error: 'ECONNRESET' };
export const refused: ProbeOutcome = { kind: 'refused', error: 'ECONNREFUSED' };
export const silent = (waitedMs = 300): ProbeOutcome => ({ kind: 'silent', waitedMs });
export const errorAnswer: ProbeOutcome = {
  kind: 'answeredError',
  answerMs: 1,
  error: 'ERR max number of clients reached',
};

export const observation = (outcome: ProbeOutcome, fresh = false): Observation => ({
  ref: { group: GROUP, replica: M },
  fresh,
  outcome,
});
export const freshly = (outcome: ProbeOutcome): Observation => observation(outcome, true);

export type Seen = readonly [atMs: number, outcome: ProbeOutcome, fresh?: boolean];

/** Evidence out of outcomes in the order given; `fresh: true` for probes on a new connection. */
export function evidenceOf(...seen: Seen[]): ReplicaEvidence {
  const evidence = seen.reduce<ReplicaEvidence | null>(
    (kept, [atMs, outcome, fresh]) => absorb(kept, observation(outcome, fresh ?? false), atMs),
    null,
  );
  if (evidence === null) throw new Error('no observation was given');
  return evidence;
}
