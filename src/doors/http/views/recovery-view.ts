/** How far the tier is with groups that lost something: by the replicated state, and by what this node sees of resyncs. */
import type { RecoveryAnswer } from '../../../contract/status.ts';
import type { EvidenceRow } from '../../../core/coordinator/views.ts';
import { activeSyncSet } from '../../../core/metadata/queries.ts';
import type { BrokerGroup, MetadataState } from '../../../core/metadata/state.ts';
import type { NodeName } from '../../../core/primitives/identifiers.ts';

const count = (groups: readonly BrokerGroup[], wanted: (group: BrokerGroup) => boolean): number =>
  groups.filter(wanted).length;

const outsideOf = (group: BrokerGroup): number =>
  group.replicas.length - 1 - (activeSyncSet(group)?.members.length ?? 0);

const isResyncing = ({ outcome }: EvidenceRow): boolean =>
  outcome.kind === 'answered' && (outcome.report.loading || outcome.report.follows?.syncing === true);

export function recoveryView(
  state: MetadataState,
  self: NodeName,
  evidence: readonly EvidenceRow[],
): RecoveryAnswer {
  const groups = [...state.groups.values()];
  const reigning = groups.filter(({ phase, master }) => phase.kind === 'active' && master !== null);
  return {
    fencing: count(groups, ({ phase }) => phase.kind === 'fencing'),
    promoting: count(groups, ({ phase }) => phase.kind === 'promoting'),
    withoutMaster: groups.length - reigning.length,
    degraded: count(reigning, (group) => activeSyncSet(group)?.degraded === true),
    replicasOutside: reigning.reduce((total, group) => total + outsideOf(group), 0),
    resyncing: evidence.filter((row) => row.vantage === self && isResyncing(row)).length,
  };
}
