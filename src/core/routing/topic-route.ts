/**
 * The route of a RocketMQ topic as seen by a client: all broker sets that hold it, or those near the client. Stock name
 * servers filter hard; here a client that finds no master near gets all, for an answer without broker sets would stop it
 * while the other IDC is well. Invariant: a route lists at least one broker set, or it is a refusal.
 */
import {
  EVERY_TOPIC,
  type NamedSet,
  type SetQueues,
  type StaticQueues,
  type TopicNear,
} from '../metadata/broker-set-state.ts';
import type { MetadataState } from '../metadata/state.ts';
import { placeOf } from '../metadata/topic-places.ts';
import { unreachable } from '../primitives/assert.ts';
import type { ClusterName, GroupName, SiteName } from '../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';

/** Bits of RocketMQ's permission. */
const WRITE = 2;
const READ_AND_WRITE = 6;

/** Where brokers read who else is in their set; a part of a set would mislead them. */
const MEMBER_TOPIC_PREFIX = 'rmq_sys_SYNC_BROKER_MEMBER_';

export type RouteViewer = {
  /** By its zone or its address; null: nobody knows, and nothing is near. */
  readonly site: SiteName | null;
  /** The zone that it names, if any: it may be none of our sites, and still be what brokers call theirs. */
  readonly zone: string | null;
  /** It asks for broker sets of its zone only. */
  readonly zoneMode: boolean;
};

export type RouteSet = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  /** Id to address; 0 is the master. */
  readonly addresses: ReadonlyMap<number, string>;
  readonly enableActingMaster: boolean;
  /** Of its master: replicas of one set stand in several IDCs. Null where it has none, or nobody knows. */
  readonly site: SiteName | null;
  readonly zone: string | null;
  readonly near: boolean;
};

export type TopicRoute = {
  readonly topic: string;
  /** Near ones first, then by name. */
  readonly sets: readonly RouteSet[];
  /** Of the same sets, in the same order; the permission is what holds now. */
  readonly queues: readonly SetQueues[];
  readonly staticQueues: readonly StaticQueues[];
  /** Near ones were wanted, and none had a master, so all are listed. */
  readonly fellBack: boolean;
};

type Place = { readonly set: RouteSet; readonly queues: SetQueues };

/** Refused with unknownTopic, or with noWritableGroup where a `strict` topic has nothing near. */
export function routeOfTopic(state: MetadataState, topic: string, viewer: RouteViewer): Result<TopicRoute> {
  const places = placesOf(state, topic, viewer);
  if (places.length === 0)
    return refused('unknownTopic', `No topic route info in name server for the topic: ${topic}`);
  const wanted = wantedOf(state, topic, viewer);
  if (wanted === 'all') return accepted(routeOf(state, topic, places, false));
  const near = places.filter(({ set }) => set.near || (wanted === 'prefer' && !set.addresses.has(0)));
  if (wanted === 'strict') {
    return near.length > 0
      ? accepted(routeOf(state, topic, near, false))
      : refused(
          'noWritableGroup',
          `Topic ${topic} is near: strict, and no broker set that holds it is in ${viewer.site ?? viewer.zone}.`,
        );
  }
  const isWritableSomewhere = places.some(isWritable);
  const isServed = near.some((place) => place.set.near && (isWritable(place) || !isWritableSomewhere));
  return accepted(routeOf(state, topic, isServed ? near : places, !isServed));
}

function placesOf(state: MetadataState, topic: string, viewer: RouteViewer): readonly Place[] {
  const places: Place[] = [];
  for (const queues of state.topicQueues.get(topic) ?? []) {
    const set = state.namedSets.get(queues.name);
    if (set === undefined || set.addresses.size === 0) continue;
    places.push({ set: routeSetOf(state, set, viewer), queues: inForce(set, queues) });
  }
  return places.sort(nearestFirst);
}

/** Places are in order of names already, and sorting is stable. */
const nearestFirst = ({ set: one }: Place, { set: other }: Place): number =>
  Number(other.near) - Number(one.near);

function routeSetOf(state: MetadataState, set: NamedSet, viewer: RouteViewer): RouteSet {
  const { cluster, name, addresses, enableActingMaster } = set;
  const master = state.registrations.get(addresses.get(0) ?? '');
  const site = master?.site ?? null;
  const zone = master?.zone ?? null;
  const standsNear = (one: { site: SiteName | null; zone: string | null }): boolean =>
    (viewer.site !== null && one.site === viewer.site) ||
    (viewer.zone !== null && one.zone?.toLowerCase() === viewer.zone.toLowerCase());
  const near =
    master === undefined
      ? [...addresses.values()].some((address) => {
          const slave = state.registrations.get(address);
          return slave !== undefined && standsNear(slave);
        })
      : standsNear(master);
  return { cluster, name, addresses, enableActingMaster, site, zone, near };
}

/** A mark of an operator goes over what was registered; a set whose slave acts as master takes no writes. */
function inForce(set: NamedSet, queues: SetQueues): SetQueues {
  const { permission } = queues;
  const marked =
    set.writePermission === 'added'
      ? READ_AND_WRITE
      : set.writePermission === 'wiped'
        ? permission & ~WRITE
        : permission;
  const now = set.enableActingMaster && !set.addresses.has(0) ? marked & ~WRITE : marked;
  return now === permission ? queues : { ...queues, permission: now };
}

const isWritable = ({ set, queues }: Place): boolean =>
  set.addresses.has(0) && (queues.permission & WRITE) !== 0 && queues.writeQueues > 0;

function wantedOf(state: MetadataState, topic: string, viewer: RouteViewer): 'all' | 'prefer' | 'strict' {
  if (topic.startsWith(MEMBER_TOPIC_PREFIX)) return 'all';
  if (viewer.site === null && viewer.zone === null) return 'all';
  const near: TopicNear = state.topicNears.get(topic) ?? state.topicNears.get(EVERY_TOPIC) ?? 'client';
  switch (near) {
    case 'client':
      return viewer.zoneMode ? 'prefer' : 'all';
    case 'prefer':
    case 'strict':
      return near;
    case 'everywhere':
      return 'all';
    default:
      return unreachable(near);
  }
}

function routeOf(
  state: MetadataState,
  topic: string,
  places: readonly Place[],
  fellBack: boolean,
): TopicRoute {
  const parts = state.staticTopics.get(topic) ?? [];
  return {
    topic,
    sets: places.map(({ set }) => set),
    queues: places.map(({ queues }) => queues),
    staticQueues: places.flatMap(({ set }) => placeOf(parts, set.name) ?? []),
    fellBack,
  };
}
