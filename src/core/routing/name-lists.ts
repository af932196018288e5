/** What a RocketMQ NameServer lists beside routes: clusters, members of a broker set, topics, versions, order settings. */

import type { DataVersion, NamedSet } from '../metadata/broker-set-state.ts';
import { isSameVersion } from '../metadata/registration-rules.ts';
import type { MetadataState } from '../metadata/state.ts';
import type { ClusterName, GroupName, SiteName } from '../primitives/identifiers.ts';

/** Namespace whose keys are topics, and whose values say which queues of them are used in order. */
const ORDER_TOPIC_NAMESPACE = 'ORDER_TOPIC_CONFIG';

export type ListedSet = Pick<NamedSet, 'cluster' | 'name' | 'addresses' | 'enableActingMaster'> & {
  readonly site: SiteName | null;
  readonly zone: string | null;
};

export type ClusterInfo = {
  /** By name. */
  readonly sets: readonly ListedSet[];
  readonly clusters: ReadonlyMap<ClusterName, readonly GroupName[]>;
};

const inOrder = <Name extends string>(one: Name, other: Name): number => (one < other ? -1 : 1);

const isListed = (set: NamedSet): boolean => set.addresses.size > 0;

export function clusterInfoOf(state: MetadataState): ClusterInfo {
  const listed = [...state.namedSets.values()]
    .filter(isListed)
    .sort((one, other) => inOrder(one.name, other.name));
  const clusters = new Map<ClusterName, GroupName[]>();
  for (const { cluster, name } of listed) clusters.set(cluster, [...(clusters.get(cluster) ?? []), name]);
  const sets = listed.map(({ cluster, name, addresses, enableActingMaster }) => {
    const master = state.registrations.get(addresses.get(0) ?? '');
    const site = master?.site ?? null;
    return { cluster, name, addresses, enableActingMaster, site, zone: master?.zone ?? null };
  });
  return { sets, clusters };
}

const NOBODY: ReadonlyMap<number, string> = new Map();

/** Addresses by id; none where the set, or the set of that cluster, is not registered. */
export function memberGroupOf(
  state: MetadataState,
  cluster: ClusterName,
  name: GroupName,
): ReadonlyMap<number, string> {
  const set = state.namedSets.get(name);
  return set?.cluster === cluster ? set.addresses : NOBODY;
}

export const registeredTopics = (state: MetadataState): readonly string[] =>
  [...state.topicQueues.keys()].sort(inOrder);

export function topicsOfCluster(state: MetadataState, cluster: ClusterName): readonly string[] {
  const topics: string[] = [];
  for (const [topic, places] of state.topicQueues) {
    if (places.some(({ name }) => state.namedSets.get(name)?.cluster === cluster)) topics.push(topic);
  }
  return topics.sort(inOrder);
}

export type SystemTopics = {
  /** Names of clusters and of broker sets: each is a topic as well. */
  readonly topics: readonly string[];
  /** Of any broker. */
  readonly brokerAddress: string | null;
};

export function systemTopicsOf(state: MetadataState): SystemTopics {
  const { sets, clusters } = clusterInfoOf(state);
  const [first] = sets;
  const brokerAddress = first === undefined ? null : (first.addresses.values().next().value ?? null);
  return { topics: [...clusters.keys(), ...sets.map(({ name }) => name)], brokerAddress };
}

/** What is known of a broker's topics, and whether it has to register to make it what it says. */
export function dataVersionOf(
  state: MetadataState,
  address: string,
  said: DataVersion,
): { readonly known: DataVersion | null; readonly changed: boolean } {
  const registration = state.registrations.get(address);
  if (registration === undefined) return { known: null, changed: true };
  const { dataVersion, complete } = registration;
  return { known: dataVersion, changed: !complete || !isSameVersion(dataVersion, said) };
}

/** The order settings of all topics, as brokers get them with each registration. */
export const orderSettingsOf = (state: MetadataState): ReadonlyMap<string, string> | null =>
  state.namespaces.get(ORDER_TOPIC_NAMESPACE) ?? null;

export const orderSettingOf = (state: MetadataState, topic: string): string | null =>
  orderSettingsOf(state)?.get(topic) ?? null;
