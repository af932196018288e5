/**
 * Where a broker group stands, and what a producer has to know of it. Routes and queue allocation both ask here,
 * so that a queue is never allocated by another IDC than the one that its route shows.
 */
import { activeSyncSet } from '../metadata/queries.ts';
import type { BrokerGroup, Replica, SyncRule, WritePolicy } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';

/** How a write to the group is acknowledged: user `w-<syncSetVersion>` and `WAIT waitCount` on one connection. */
export type WriteTerms = {
  readonly syncSetVersion: number;
  readonly waitCount: number;
  /** The rule in force is weaker than the policy asks for. */
  readonly degraded: boolean;
  readonly policy: WritePolicy;
};

export const replicaOf = (group: BrokerGroup, id: ReplicaId | null): Replica | null =>
  id === null ? null : (group.replicas.find((replica) => replica.id === id) ?? null);

/**
 * The master that reigns now; null while a reign ends or begins, whoever may still call itself master. A group that is
 * only watched has none for us: another coordinator moves it, and we learn of it afterwards.
 */
export const reigningMaster = (group: BrokerGroup): Replica | null =>
  group.phase.kind === 'active' && !group.watchOnly ? replicaOf(group, group.master) : null;

/**
 * The site that the group's queues belong to: that of its master, of its committed candidate while it is being
 * promoted, and of the last master while it is fenced, so that queues do not wander before the outcome is
 * known. Null before the first reign has a candidate.
 */
export function standsIn(group: BrokerGroup): SiteName | null {
  switch (group.phase.kind) {
    case 'active':
    case 'fencing':
      return replicaOf(group, group.master)?.site ?? null;
    case 'promoting':
      return replicaOf(group, group.phase.candidate)?.site ?? null;
    default:
      return unreachable(group.phase);
  }
}

/** Acknowledgements beside the master that a write needs under a rule over `memberCount` members. */
export function waitCountOf(rule: SyncRule, memberCount: number): number {
  switch (rule.kind) {
    case 'anyOf':
      return rule.k;
    case 'allOf':
      return memberCount;
    default:
      return unreachable(rule);
  }
}

/** Terms of a write; null outside of an active reign, when nobody may acknowledge anything. */
export function writeTermsOf(group: BrokerGroup): WriteTerms | null {
  const syncSet = activeSyncSet(group);
  if (reigningMaster(group) === null || syncSet === null) return null;
  return {
    syncSetVersion: syncSet.version,
    waitCount: waitCountOf(syncSet.rule, syncSet.members.length),
    degraded: syncSet.degraded,
    policy: group.policy,
  };
}
