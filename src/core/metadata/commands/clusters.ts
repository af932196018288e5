/** How many clusters the tier may hold; a cluster exists as long as a broker group, a consumer group or a RocketMQ broker set names it. */
import type { ClusterName } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { MetadataState } from '../state.ts';

export function checkClusters(store: MetadataState, added: ClusterName): Result<null> {
  const clusters = new Set<ClusterName>();
  for (const owners of [store.groups, store.consumerGroups, store.brokerSets, store.namedSets]) {
    for (const { cluster } of owners.values()) {
      if (cluster === added) return accepted(null);
      clusters.add(cluster);
    }
  }
  return clusters.size < LIMITS.clusters
    ? accepted(null)
    : refused('limitReached', `The tier holds ${LIMITS.clusters} clusters already.`, { field: 'cluster' });
}
