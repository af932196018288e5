/**
 * The sync set that a new reign begins with: servers that were revoked and read in this very phase, on the
 * candidate's own lineage and not beyond its cut, so that they can follow it without a full resync. All others join
 * later by a committed change.
 *
 * Whoever stands exactly at the cut is caught up from the start; the older rules stay in force until enough are.
 */
import type { BrokerGroup, SyncRule, SyncSetMember } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';
import type { Choice } from './choice.ts';
import type { ServerRead } from './coverage.ts';
import { ruleFor } from './write-rule.ts';

export type ReignPlan = {
  readonly members: readonly SyncSetMember[];
  readonly rule: SyncRule;
  readonly degraded: boolean;
  /** The members cannot meet the policy; under `block` nothing will be acknowledged. */
  readonly short: boolean;
  /** Processes that the promotion commits: the candidate's and the members'. */
  readonly incarnations: readonly { readonly replica: ReplicaId; readonly incarnation: Incarnation }[];
};

export function planReign(
  group: BrokerGroup,
  choice: Extract<Choice, { kind: 'promote' }>,
  reads: readonly ServerRead[],
): ReignPlan {
  const siteOf = (id: ReplicaId) =>
    must(
      group.replicas.find((replica) => replica.id === id),
      `${id} is no replica of ${group.key}`,
    ).site;
  const followers = [...new Map(reads.map((read) => [read.replica, read])).values()].filter(
    ({ replica, report, wasSyncing }) =>
      replica !== choice.candidate &&
      report.role === 'slave' &&
      !report.loading &&
      wasSyncing !== true &&
      report.follows?.syncing !== true &&
      report.lineage === choice.cutLineage &&
      report.offset <= choice.cut,
  );
  const members = followers.map(({ replica, report }) => ({
    replica,
    incarnation: report.incarnation,
    caughtUp: report.offset === choice.cut,
  }));
  const rule = ruleFor({
    policy: group.policy,
    onShortage: group.onShortage,
    masterSite: siteOf(choice.candidate),
    declaredSlaves: group.replicas.length - 1,
    members: members.map(({ replica }) => ({ replica, site: siteOf(replica) })),
  });
  const incarnations = [
    { replica: choice.candidate, incarnation: choice.incarnation },
    ...members.map(({ replica, incarnation }) => ({ replica, incarnation })),
  ];
  return { members, ...rule, incarnations };
}
