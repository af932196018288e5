/** A small tier for routing tests: two IDCs and a witness, groups with a master in one IDC and slaves in both. */
import { createMetadata } from '../../../src/core/metadata/apply.ts';
import type { BrokerGroup, MetadataState, Replica, Site, Topic } from '../../../src/core/metadata/state.ts';
import {
  clusterName,
  epoch,
  groupKey,
  groupName,
  incarnation,
  replicaId,
  type SiteName,
  siteName,
  term,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';

export const CLUSTER = clusterName('default');
export const IDC_A = siteName('idc-a');
export const IDC_B = siteName('idc-b');
export const WITNESS = siteName('witness');

const replica = (name: string, site: SiteName, port: number): Replica => ({
  id: replicaId(name),
  site,
  endpoints: { client: `127.0.0.1:${port}`, replication: `127.0.0.1:${port}`, announced: null },
  priority: 100,
  incarnation: incarnation(`run-${name}`),
});

/** Replicas `<name>-1` (master) and `-2` in `site`, `-3` in the other IDC; k = 2 of the two slaves. */
export function activeGroup(name: string, site: SiteName, changes: Partial<BrokerGroup> = {}): BrokerGroup {
  const other = site === IDC_A ? IDC_B : IDC_A;
  const replicas = [
    replica(`${name}-1`, site, 7101),
    replica(`${name}-2`, site, 7102),
    replica(`${name}-3`, other, 7103),
  ];
  return {
    key: groupKey(CLUSTER, groupName(name)),
    cluster: CLUSTER,
    name: groupName(name),
    kind: 'redis',
    watchOnly: false,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    replicas,
    policy: 'cross-idc',
    onShortage: 'degrade',
    timeFenceSeconds: 3,
    epoch: epoch(3),
    master: replicaId(`${name}-1`),
    phase: { kind: 'active' },
    syncSets: [
      {
        version: 7,
        epoch: epoch(3),
        members: replicas.slice(1).map((member) => ({
          replica: member.id,
          incarnation: member.incarnation ?? incarnation('none'),
          caughtUp: true,
        })),
        rule: { kind: 'anyOf', k: 2 },
        author: 'pollux',
        degraded: false,
      },
    ],
    reigns: [],
    givenUp: [],
    floor: 0n,
    detectionMs: 1_000,
    cooldownMs: 0,
    cooldown: null,
    owner: '',
    labels: {},
    ...changes,
  };
}

export function topicOver(groups: readonly BrokerGroup[], changes: Partial<Topic> = {}): Topic {
  return {
    cluster: CLUSTER,
    name: topicName('orders'),
    queues: groups.map((group) => ({ group: group.key, readQueues: 4, writeQueues: 4 })),
    permission: 'readWrite',
    order: false,
    near: 'prefer',
    attributes: {},
    source: 'declared',
    owner: '',
    labels: {},
    ...changes,
  };
}

export function stateOf(groups: readonly BrokerGroup[], topics: readonly Topic[]): MetadataState {
  const sites: readonly Site[] = [
    { name: IDC_A, kind: 'idc' },
    { name: IDC_B, kind: 'idc' },
    { name: WITNESS, kind: 'witness' },
  ];
  return {
    ...createMetadata(),
    tierId: 'tier-1',
    sites: new Map(sites.map((site) => [site.name, site])),
    groups: new Map(groups.map((group) => [group.key, group])),
    topics: new Map(topics.map((topic) => [`${topic.cluster}/${topic.name}`, topic])),
    appliedIndex: 41,
    appliedTerm: term(2),
  };
}
