/**
 * The floor: the highest offset that an acknowledging set was seen to hold. Every promotion by proof reads somebody
 * at least that far, so a candidate below it means that a server lost data behind its lineage and offset.
 */
import type { ServerReport } from '../liveness/observation.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import { acknowledgingCount, countedMembers } from './acknowledging.ts';

/**
 * The k-th highest offset among the members of the last sync set that follow the running reign, as the committed
 * processes; null where fewer than k do, or nothing is acknowledged by slaves. `reports`: newest of each replica.
 */
export function acknowledgedOffset(
  group: Pick<BrokerGroup, 'reigns' | 'syncSets'>,
  reports: ReadonlyMap<ReplicaId, ServerReport>,
): bigint | null {
  const reign = group.reigns.at(-1);
  const set = group.syncSets.at(-1);
  if (reign === undefined || set === undefined) return null;
  const following = [...reports]
    .filter(
      ([, report]) => report.lineage === reign.lineage && !report.loading && report.follows?.syncing !== true,
    )
    .map(([replica, report]) => ({ replica, incarnation: report.incarnation, offset: report.offset }));
  const counted = new Set(countedMembers(set, following).map((member) => member.replica));
  const offsets = following
    .filter((one) => counted.has(one.replica))
    .map((one) => one.offset)
    .sort((one, other) => (one === other ? 0 : one > other ? -1 : 1));
  const k = acknowledgingCount(set);
  return k === 0 ? null : (offsets[k - 1] ?? null);
}
