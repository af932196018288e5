/**
 * Groups as Sentinel clients know them: by a master's name. A group of the default cluster goes by its own name, one
 * of another cluster as `cluster/name`; no two groups share a name, because a group's own name has no slash.
 */
import type { BrokerGroup, MetadataState, Replica } from '../../core/metadata/state.ts';
import { splitAddress } from '../../core/primitives/address.ts';
import { type ClusterName, clusterName, groupKey, groupName } from '../../core/primitives/identifiers.ts';
import { type SentinelUser, sees } from './users.ts';

export class GroupDirectory {
  readonly #defaultCluster: ClusterName;

  constructor(defaultCluster: ClusterName) {
    this.#defaultCluster = defaultCluster;
  }

  nameOf(group: Pick<BrokerGroup, 'cluster' | 'name'>): string {
    return group.cluster === this.#defaultCluster ? group.name : `${group.cluster}/${group.name}`;
  }

  /**
   * Only Redis speaks to who asks a Sentinel, and a group has a master from its first reign on. Of a group that is only
   * watched the Sentinels tell; we would tell of a switch after them, and applications would hear two different words.
   */
  serves(group: BrokerGroup): boolean {
    return group.kind === 'redis' && group.master !== null && !group.watchOnly;
  }

  /** The group that this user knows under the name; null where there is none for it. */
  find(state: MetadataState, user: SentinelUser, name: string): BrokerGroup | null {
    if (!sees(user, name)) return null;
    const slash = name.indexOf('/');
    const cluster = slash < 0 ? this.#defaultCluster : clusterName(name.slice(0, slash));
    const group = state.groups.get(groupKey(cluster, groupName(name.slice(slash + 1)))) ?? null;
    return group !== null && this.serves(group) && this.nameOf(group) === name ? group : null;
  }

  /** All groups of the user, in the order of their names. */
  list(state: MetadataState, user: SentinelUser): BrokerGroup[] {
    return [...state.groups.values()]
      .filter((group) => this.serves(group) && sees(user, this.nameOf(group)))
      .sort((left, right) => (this.nameOf(left) < this.nameOf(right) ? -1 : 1));
  }
}

export type Address = { readonly host: string; readonly port: string };

/** One spelling everywhere, since clients compare addresses as text; IPv6 without its brackets. */
export const addressOf = ({ endpoints }: Pick<Replica, 'endpoints'>): Address =>
  splitAddress(endpoints.announced ?? endpoints.client);

/** Slaves as this user sees them. */
export const slavesOf = (group: BrokerGroup, user: SentinelUser): readonly Replica[] =>
  group.replicas.filter(
    (replica) => replica.id !== group.master && (user.idc === null || replica.site === user.idc),
  );
