/** Groups and reports for the failover rules' tests: A = m, a2 in idc-a; B = b1, b2 in idc-b unless told otherwise. */
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import type { ServerReport } from '../../../src/core/liveness/observation.ts';
import type {
  BrokerGroup,
  GivenUpPromotion,
  GroupPhase,
  Reign,
  SyncSet,
} from '../../../src/core/metadata/state.ts';
import {
  clusterName,
  epoch,
  groupKey,
  groupName,
  incarnation,
  lineage,
  type ReplicaId,
  replicaId,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';

export const [M, A2, B1, B2] = ['m', 'a2', 'b1', 'b2'].map(replicaId) as [
  ReplicaId,
  ReplicaId,
  ReplicaId,
  ReplicaId,
];
export const SITE_A = siteName('idc-a');
export const SITE_B = siteName('idc-b');

/** The committed process of a replica; `life` above 1 is a restarted one. */
export const processOf = (id: ReplicaId, life = 1) => incarnation(`${id}-${life}`);
export const addressOf = (id: ReplicaId) => `${id}:6379`;

export const memberOf = (id: ReplicaId, caughtUp = true, life = 1) => ({
  replica: id,
  incarnation: processOf(id, life),
  caughtUp,
});

export function syncSet(members: readonly ReplicaId[], k: number, change: Partial<SyncSet> = {}): SyncSet {
  return {
    version: 1,
    epoch: epoch(1),
    members: members.map((id) => memberOf(id)),
    rule: { kind: 'anyOf', k },
    author: 'pollux',
    degraded: false,
    ...change,
  };
}

export const reign = (number: number, master: ReplicaId, cut: bigint, name = `L${number}`): Reign => ({
  epoch: epoch(number),
  master,
  incarnation: processOf(master),
  lineage: lineage(name),
  cut,
});

/** A promotion that was given up, off the first reign and with nobody let in, unless told otherwise. */
export const givenUp = (
  number: number,
  candidate: ReplicaId,
  cut: bigint,
  change: Partial<GivenUpPromotion> = {},
): GivenUpPromotion => ({
  epoch: epoch(number),
  candidate,
  incarnation: processOf(candidate),
  cut,
  cutLineage: lineage('L1'),
  cutEpoch: epoch(1),
  members: [],
  lineage: null,
  ...change,
});

export const fencing = (change: Partial<Extract<GroupPhase, { kind: 'fencing' }>> = {}): GroupPhase => ({
  kind: 'fencing',
  epoch: epoch(2),
  reason: 'masterLost',
  recordId: 'r2',
  preferred: null,
  unsafe: false,
  ...change,
});

export function group(change: Partial<BrokerGroup> = {}): BrokerGroup {
  const cluster = clusterName('main');
  const name = groupName('orders');
  const places = [
    [M, SITE_A],
    [A2, SITE_A],
    [B1, SITE_B],
    [B2, SITE_B],
  ] as const;
  return {
    key: groupKey(cluster, name),
    cluster,
    name,
    kind: 'redis',
    watchOnly: false,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    replicas: places.map(([id, site]) => ({
      id,
      site,
      endpoints: { client: addressOf(id), replication: addressOf(id), announced: null },
      priority: 100,
      incarnation: processOf(id),
    })),
    policy: 'cross-idc',
    onShortage: 'block',
    timeFenceSeconds: 0,
    epoch: epoch(1),
    master: M,
    phase: { kind: 'active' },
    syncSets: [syncSet([A2, B1, B2], 2)],
    reigns: [reign(1, M, 0n)],
    givenUp: [],
    floor: 0n,
    detectionMs: 1_000,
    cooldownMs: 0,
    cooldown: null,
    owner: 'test',
    labels: {},
    ...change,
  };
}

export const report = (id: ReplicaId, offset: bigint, change: Partial<ServerReport> = {}): ServerReport => ({
  incarnation: processOf(id),
  role: 'slave',
  loading: false,
  lineage: lineage('L1'),
  secondLineage: null,
  secondOffset: -1n,
  offset,
  follows: { address: '127.0.0.1:1', linkUp: false, syncing: false, lastReceivedSecondsAgo: -1 },
  connectedSlaves: 0,
  epoch: null,
  ...change,
});

export const read = (id: ReplicaId, offset: bigint, change: Partial<ServerReport> = {}): ServerRead => ({
  replica: id,
  report: report(id, offset, change),
});

/** All subsets of a list. */
export function subsets<Item>(items: readonly Item[]): Item[][] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  return subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}
