/**
 * Whether a group's servers in the IDC that it belongs into are well, so that its master may stand there again: they are
 * members of the sync set that have everything and follow the master, and a majority of the nodes reaches each of them.
 */
import { activeSyncSet } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';

export type HomeView = {
  readonly group: BrokerGroup;
  readonly idc: SiteName;
  /** It follows the master as the committed process, link up, no resync under way. */
  readonly isLinked: (replica: ReplicaId) => boolean;
  /** How many nodes reach it at this moment. */
  readonly vantages: (replica: ReplicaId) => number;
  readonly voters: number;
};

/** One sentence; null where all is well. */
export function whyNotWell({ group, idc, isLinked, vantages, voters }: HomeView): string | null {
  if (group.phase.kind !== 'active') return `${group.key} is ${group.phase.kind}`;
  const syncSet = activeSyncSet(group);
  if (syncSet === null || syncSet.degraded) return `the sync set of ${group.key} is degraded`;
  const lagging = syncSet.members.find(({ caughtUp }) => !caughtUp);
  if (lagging !== undefined) return `${lagging.replica} has not caught up`;
  for (const { id, site } of group.replicas) {
    if (site !== idc) continue;
    if (!syncSet.members.some(({ replica }) => replica === id)) return `${id} is not in the sync set`;
    if (!isLinked(id)) return `${id} does not follow the master`;
    const reached = vantages(id);
    if (2 * reached <= voters) return `${id} is reached by ${reached} of ${voters} nodes`;
  }
  return null;
}
