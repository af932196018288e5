/** A running group as the rules of its sync set's changes look at it: who is linked, who is away, who may be removed. */
import type { ServerReport } from '../liveness/observation.ts';
import { rulesThatStay } from '../metadata/commands/group-changes.ts';
import type { BrokerGroup, Reign, Replica, SyncSet, SyncSetMember } from '../metadata/state.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { acknowledgingCount } from './acknowledging.ts';
import type { ChangeInput, ReplicaState } from './change-step.ts';
import { ruleFor, type WriteRule } from './write-rule.ts';

/** Rules that changes leave free, for a promotion must always find room. */
const RULES_LEFT_FOR_PROMOTIONS = 4;

export type ChangeView = {
  readonly input: ChangeInput;
  readonly group: BrokerGroup;
  readonly reign: Reign;
  readonly last: SyncSet;
  readonly master: Replica;
  readonly masterReport: ServerReport;
  /** Members to remove now, all at once. */
  readonly leaving: readonly SyncSetMember[];
  /** Members that are away and stay: their removal would leave nobody to meet the policy, or there is no room for it. */
  readonly kept: readonly SyncSetMember[];
  readonly roomForChange: boolean;
};

export const replicaById = (group: BrokerGroup, id: ReplicaId): Replica | undefined =>
  group.replicas.find((replica) => replica.id === id);

export const stateOf = (input: ChangeInput, id: ReplicaId): ReplicaState =>
  input.replicas.get(id) ?? { report: null, reachable: false, awayForMs: 0 };

export function ruleOfMembers(
  group: BrokerGroup,
  masterSite: SiteName,
  members: readonly SyncSetMember[],
): WriteRule {
  return ruleFor({
    policy: group.policy,
    onShortage: group.onShortage,
    masterSite,
    declaredSlaves: group.replicas.length - 1,
    members: group.replicas
      .filter((replica) => members.some((member) => member.replica === replica.id))
      .map((replica) => ({ replica: replica.id, site: replica.site })),
  });
}

export const restarted = (input: ChangeInput, member: SyncSetMember): boolean => {
  const { report, reachable } = stateOf(input, member.replica);
  return reachable && report !== null && report.incarnation !== member.incarnation;
};

/** Follows the master as the committed process, link up, no resync under way. */
export const isLinked = (input: ChangeInput, member: SyncSetMember): boolean => {
  const state = stateOf(input, member.replica);
  return state.reachable && state.awayForMs === 0 && !restarted(input, member);
};

/** In a full resync from the master, as the committed process: on its way, and counted by nobody until it is there. */
const isResyncing = (input: ChangeInput, master: Replica, member: SyncSetMember): boolean => {
  const { report, reachable } = stateOf(input, member.replica);
  if (!reachable || report === null || report.incarnation !== member.incarnation) return false;
  return report.follows?.syncing === true && report.follows.address === master.endpoints.replication;
};

const isAway = (input: ChangeInput, last: SyncSet, member: SyncSetMember): boolean => {
  if (restarted(input, member)) return true;
  const { granted } = input.progress;
  const letInForMs = granted?.version === last.version ? input.nowMs - granted.versionSinceMs : 0;
  return Math.min(stateOf(input, member.replica).awayForMs, letInForMs) >= input.removeAfterMs;
};

/**
 * Members that have been away for too long. One in a full resync is interrupted only if the policy can then be
 * acknowledged again by those who are linked.
 */
function awayMembers(input: ChangeInput, master: Replica, last: SyncSet): SyncSetMember[] {
  const away = last.members.filter((member) => isAway(input, last, member));
  const gone = away.filter((member) => !isResyncing(input, master, member));
  const linked = last.members.filter((member) => isLinked(input, member)).length;
  const countOf = (members: readonly SyncSetMember[]): number =>
    acknowledgingCount({ members, rule: ruleOfMembers(input.group, master.site, members).rule });
  const without = (absent: readonly SyncSetMember[]) =>
    last.members.filter((member) => !absent.includes(member));
  return linked < countOf(without(gone)) && linked >= countOf(without(away)) ? away : gone;
}

/**
 * Splits the members that are away. Under `block` one whose removal would leave the policy unmet stays: nothing would
 * be won, and the set that knows it keeps its place in every proof.
 */
function splitAway(
  input: ChangeInput,
  master: Replica,
  last: SyncSet,
): { readonly leaving: readonly SyncSetMember[]; readonly kept: readonly SyncSetMember[] } {
  let rest = last.members;
  const leaving: SyncSetMember[] = [];
  const kept: SyncSetMember[] = [];
  for (const member of awayMembers(input, master, last)) {
    const without = rest.filter((other) => other.replica !== member.replica);
    if (input.group.onShortage === 'block' && ruleOfMembers(input.group, master.site, without).short) {
      kept.push(member);
    } else {
      leaving.push(member);
      rest = without;
    }
  }
  return { leaving, kept };
}

/**
 * Changes leave room for promotions. Where the newest rule asks for more members than it has, nothing is acknowledged and
 * nothing settles until members are taken in, so that is done as long as there is any room at all.
 */
function hasRoomForChange(group: BrokerGroup): boolean {
  const stay = rulesThatStay(group);
  const isBlocked = stay.length < group.syncSets.length && stay.at(-1) !== group.syncSets.at(-1);
  const most = isBlocked ? LIMITS.rulesInForce - 1 : LIMITS.rulesInForce - RULES_LEFT_FOR_PROMOTIONS;
  return stay.length <= most;
}

/** Null where nothing may be changed: the group does not reign, or its master does not answer as itself. */
export function viewOf(input: ChangeInput): ChangeView | null {
  const { group } = input;
  const reign = group.reigns.at(-1);
  const last = group.syncSets.at(-1);
  if (group.phase.kind !== 'active' || group.master === null || reign === undefined || last === undefined)
    return null;
  const master = replicaById(group, group.master);
  const { report, reachable } = stateOf(input, group.master);
  if (master === undefined || report === null || !reachable) return null;
  if (report.incarnation !== reign.incarnation || report.role !== 'master') return null;
  const roomForChange = hasRoomForChange(group);
  // Whoever cannot be removed now must not be cut off either: the rules that take the room may wait for it to catch up.
  const away = roomForChange
    ? splitAway(input, master, last)
    : { leaving: [], kept: awayMembers(input, master, last) };
  return { input, group, reign, last, master, masterReport: report, ...away, roomForChange };
}
