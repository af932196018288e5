/**
 * The route of a topic as seen from an IDC: its broker groups, nearest first, with what a client needs to read
 * and to write. A pure function of the replicated state, so that any node gives the same answer at the same log
 * index. Invariant: a route lists at least one group; what cannot be answered is refused.
 */
import { isCaughtUp } from '../metadata/queries.ts';
import type { BrokerGroup, MetadataState, Replica, Topic, TopicQueues } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type {
  ClusterName,
  Epoch,
  GroupName,
  ReplicaId,
  SiteName,
  TopicName,
} from '../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { reigningMaster, standsIn, type WriteTerms, writeTermsOf } from './group-standing.ts';

export type RouteQuery = {
  readonly cluster: ClusterName;
  readonly topic: TopicName;
  /** Null: the client's IDC is not known; every group is listed and none is called near. */
  readonly idc: SiteName | null;
};

/** How current the state is that the route is read from: its routes' log index, and whether that may be old. */
export type RouteMoment = { readonly index: number; readonly stale: boolean };

export type RouteReplica = { readonly replica: ReplicaId; readonly idc: SiteName; readonly address: string };

/** `readable`: caught up with the reign, as a member of the sync set in force in the incarnation that was taken in. */
export type RouteSlave = RouteReplica & { readonly readable: boolean };

export type RouteGroup = {
  readonly group: GroupName;
  readonly epoch: Epoch;
  /** Where the master stands (or stood last, or will stand); null before the first reign. */
  readonly idc: SiteName | null;
  readonly near: boolean;
  readonly writable: boolean;
  readonly readQueues: number;
  readonly writeQueues: number;
  /** Null while the group is between two reigns. */
  readonly master: RouteReplica | null;
  readonly slaves: readonly RouteSlave[];
  /** Null outside of an active reign. */
  readonly write: WriteTerms | null;
};

export type Route = {
  readonly cluster: ClusterName;
  readonly topic: TopicName;
  /** Clients keep the highest that they saw of one incarnation, so that no answer takes them back. */
  readonly revision: { readonly incarnation: string; readonly index: number };
  readonly stale: boolean;
  readonly near: Topic['near'];
  readonly permission: Topic['permission'];
  readonly order: boolean;
  /** Nearest first, writable before not, then by name: the first writable one is what a producer uses. */
  readonly groups: readonly RouteGroup[];
};

/** Names that a refusal lists; the rest is left to `pollux topic list`. */
const NAMES_IN_REFUSAL = 10;

/** Topics looked at to find those names, so that a refusal stays cheap in a tier of many clusters. */
const TOPICS_SCANNED_FOR_REFUSAL = 1_000;

/**
 * Refusals: unknownTopic and unknownSite (both list what exists), noWritableGroup when a `near: strict` topic has
 * no group in the IDC, or a topic has no group at all.
 */
export function routeOf(state: MetadataState, query: RouteQuery, at: RouteMoment): Result<Route> {
  const topic = state.topics.get(`${query.cluster}/${query.topic}`);
  if (topic === undefined) return refuseUnknownTopic(state, query);
  if (query.idc !== null && state.sites.get(query.idc)?.kind !== 'idc')
    return refuseUnknownIdc(state, query.idc);

  const groups = topic.queues
    .map((queues) => routeGroupOf(state, topic, queues, query.idc))
    .filter((group) => topic.near === 'prefer' || query.idc === null || group.near)
    .sort(nearestFirst);
  if (groups.length === 0) return refuseNoGroup(topic, query.idc);
  return accepted({
    cluster: topic.cluster,
    topic: topic.name,
    revision: {
      incarnation: must(state.tierId, 'a tier with topics has been bootstrapped'),
      index: at.index,
    },
    stale: at.stale,
    near: topic.near,
    permission: topic.permission,
    order: topic.order,
    groups,
  });
}

function routeGroupOf(
  state: MetadataState,
  topic: Topic,
  queues: TopicQueues,
  idc: SiteName | null,
): RouteGroup {
  const group = must(state.groups.get(queues.group), 'a group that carries topics cannot be removed');
  const master = reigningMaster(group);
  const write = writeTermsOf(group);
  const site = standsIn(group);
  return {
    group: group.name,
    epoch: group.epoch,
    idc: site,
    near: idc !== null && site === idc,
    writable: write !== null && queues.writeQueues > 0 && topic.permission !== 'read',
    readQueues: queues.readQueues,
    writeQueues: queues.writeQueues,
    master: master === null ? null : routeReplicaOf(master),
    slaves: slavesOf(group, master, topic),
    write,
  };
}

function slavesOf(group: BrokerGroup, master: Replica | null, topic: Topic): readonly RouteSlave[] {
  return group.replicas
    .filter((replica) => replica !== master)
    .map((replica) => ({
      ...routeReplicaOf(replica),
      readable: topic.permission !== 'write' && !group.watchOnly && isCaughtUp(group, replica),
    }));
}

const routeReplicaOf = (replica: Replica): RouteReplica => ({
  replica: replica.id,
  idc: replica.site,
  address: replica.endpoints.announced ?? replica.endpoints.client,
});

function nearestFirst(left: RouteGroup, right: RouteGroup): number {
  if (left.near !== right.near) return left.near ? -1 : 1;
  if (left.writable !== right.writable) return left.writable ? -1 : 1;
  return left.group < right.group ? -1 : left.group > right.group ? 1 : 0;
}

function refuseUnknownTopic(state: MetadataState, query: RouteQuery): Result<Route> {
  const known: string[] = [];
  let scanned = 0;
  for (const topic of state.topics.values()) {
    scanned += 1;
    if (known.length >= NAMES_IN_REFUSAL || scanned > TOPICS_SCANNED_FOR_REFUSAL) break;
    if (topic.cluster === query.cluster) known.push(topic.name);
  }
  const expected =
    known.length === 0 ? 'a declared topic; none is known' : `a declared topic, such as ${known.join(', ')}`;
  return refused(
    'unknownTopic',
    `Cluster ${query.cluster} has no topic ${query.topic}; \`pollux topic list\` shows all, \`pollux topic add\` declares one.`,
    { field: 'topic', expected },
  );
}

function refuseUnknownIdc(state: MetadataState, idc: SiteName): Result<Route> {
  const idcs = [...state.sites.values()].filter((site) => site.kind === 'idc').map((site) => site.name);
  return refused(
    'unknownSite',
    `${idc} is not an IDC of this tier; its IDCs are ${idcs.sort().join(', ')}.`,
    {
      field: 'idc',
      expected: idcs.join(' | '),
    },
  );
}

function refuseNoGroup(topic: Topic, idc: SiteName | null): Result<Route> {
  if (idc === null || topic.queues.length === 0) {
    return refused(
      'noWritableGroup',
      `Topic ${topic.name} has no queues on any broker group; declare it anew with some.`,
    );
  }
  return refused(
    'noWritableGroup',
    `Topic ${topic.name} is \`near: strict\` and no broker group that carries it has its master in ${idc}. ` +
      `Move one there with \`pollux switchover\`, add a group of ${idc} to the topic, or declare it \`near: prefer\`.`,
  );
}
