/**
 * What a running group's sync set needs next, one step at a time. Every step is derived from the committed state,
 * evidence and what this leader's hand has confirmed, so a new leader goes on where the last one stopped.
 *
 * Two orders keep the promise. A member is removed by deleting its inbound user on the master before the commit, so
 * that it cannot go on counting toward a k that no longer means it; without the master nobody is removed. A change
 * of k is committed before any producer uses it, and while producers of the older version may still be acknowledged,
 * both rules are in force.
 */
import type { SyncRule, SyncSetMember } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { ChangeInput, ChangeStep } from './change-step.ts';
import { type ChangeView, isLinked, restarted, ruleOfMembers, stateOf, viewOf } from './change-view.ts';
import { attachedOutsiders, returningStep } from './returning.ts';
import { settledFrom } from './settle.ts';
import { sameTimeFence, timeFenceOf } from './time-fence.ts';

const sameIds = (one: readonly ReplicaId[], other: readonly ReplicaId[]): boolean =>
  one.length === other.length && one.every((id) => other.includes(id));

const sameRule = (one: SyncRule, other: SyncRule): boolean =>
  one.kind === 'anyOf' && other.kind === 'anyOf' ? one.k === other.k : one.kind === other.kind;

const staying = (view: ChangeView): SyncSetMember[] =>
  view.last.members.filter((member) => !view.leaving.some((other) => other.replica === member.replica));

/** The master's inbound users and producers as they should be now: those who leave are cut off first. */
function grantStep(view: ChangeView): ChangeStep | null {
  const { granted } = view.input.progress;
  const inbound = [...staying(view).map((member) => member.replica), ...attachedOutsiders(view)].filter(
    (id, index, all) => all.indexOf(id) === index,
  );
  const timeFence = timeFenceOf(view.group, view.last);
  const current =
    granted !== null &&
    granted.version === view.last.version &&
    sameIds(granted.inbound, inbound) &&
    sameTimeFence(granted.timeFence, timeFence);
  // More links than inbound users: one that was cut off is still connected. Grant again until it is seen gone.
  if (current && (view.leaving.length === 0 || granted.connectedSlaves <= inbound.length)) return null;
  const leaving = view.leaving.map((member) => member.replica);
  const detail = leaving.length === 0 ? `version ${view.last.version}` : `cut off ${leaving.join(', ')}`;
  return { kind: 'grant', version: view.last.version, inbound, timeFence, detail };
}

/** Offset up to which older rules may have acknowledged writes; null while producers may still use one of them. */
function markOf(view: ChangeView): bigint | null {
  const older = view.group.syncSets.slice(0, -1);
  if (older.every((set) => set.epoch < view.last.epoch)) return view.reign.cut;
  const { granted } = view.input.progress;
  return granted !== null && granted.version === view.last.version ? granted.offset : null;
}

/** Also where no older rule waits for it: whoever reads from slaves is told of those that have caught up. */
function markStep(view: ChangeView): ChangeStep | null {
  const mark = markOf(view);
  if (mark === null) return null;
  const replicas = view.last.members
    .filter((member) => {
      const { report } = stateOf(view.input, member.replica);
      if (member.caughtUp || report === null || !isLinked(view.input, member)) return false;
      return report.lineage === view.reign.lineage && report.offset >= mark;
    })
    .map((member) => member.replica);
  return replicas.length === 0 ? null : { kind: 'markCaughtUp', version: view.last.version, replicas };
}

function settleStep(view: ChangeView): ChangeStep | null {
  const switched = view.input.progress.granted?.version === view.last.version;
  const keepFrom = settledFrom(view.group, switched, (member) => restarted(view.input, member));
  return keepFrom === null ? null : { kind: 'settle', keepFrom };
}

function attachStep(view: ChangeView): ChangeStep | null {
  for (const member of staying(view)) {
    const { report, reachable } = stateOf(view.input, member.replica);
    if (!reachable || report === null || report.loading || restarted(view.input, member)) continue;
    if (view.input.progress.notNow.has(member.replica)) continue;
    if (report.follows?.address === view.master.endpoints.replication) continue;
    return { kind: 'attach', replica: member.replica, incarnation: member.incarnation };
  }
  return null;
}

/** It is the committed process and follows the master, but its link is down and no resync is on its way. */
function followsInVain(view: ChangeView, member: SyncSetMember): boolean {
  const { report, reachable } = stateOf(view.input, member.replica);
  const follows = report?.follows ?? null;
  if (!reachable || follows === null || follows.linkUp || follows.syncing) return false;
  if (restarted(view.input, member) || view.input.progress.notNow.has(member.replica)) return false;
  return follows.address === view.master.endpoints.replication;
}

function commitOf(
  view: ChangeView,
  change: 'remove' | 'rule',
  members: readonly SyncSetMember[],
  detail: string,
): ChangeStep {
  const { rule, degraded } = ruleOfMembers(view.group, view.master.site, members);
  return {
    kind: 'commit',
    change,
    expectedVersion: view.last.version,
    members: members.map((member) => ({ ...member, caughtUp: false })),
    rule,
    degraded,
    incarnations: [],
    detail,
  };
}

function removeStep(view: ChangeView): ChangeStep | null {
  if (view.leaving.length === 0 || !view.roomForChange) return null;
  const ids = view.leaving.map((member) => member.replica).join(', ');
  return commitOf(view, 'remove', staying(view), `${ids} removed: away from the master`);
}

function ruleStep(view: ChangeView): ChangeStep | null {
  const { group, last, master } = view;
  const wanted = ruleOfMembers(group, master.site, last.members);
  if (!view.roomForChange || (sameRule(wanted.rule, last.rule) && wanted.degraded === last.degraded))
    return null;
  return commitOf(view, 'rule', last.members, `policy ${group.policy}, on shortage ${group.onShortage}`);
}

/** The step that a running group needs next. Asked again after each; `none` when all is as it should be. */
export function planChange(input: ChangeInput): ChangeStep {
  const view = viewOf(input);
  if (view === null)
    return { kind: 'none', detail: 'no reign, or its master does not answer: nothing is changed' };
  const step =
    grantStep(view) ??
    markStep(view) ??
    settleStep(view) ??
    attachStep(view) ??
    removeStep(view) ??
    ruleStep(view) ??
    returningStep(view);
  if (step !== null) return step;
  if (view.kept.length > 0) {
    const ids = view.kept.map((member) => member.replica).join(', ');
    const why = view.roomForChange
      ? `without, ${view.group.policy} cannot be met, and on shortage this group blocks`
      : 'the rules in force leave no room for one without, until members have caught up';
    return {
      kind: 'hold',
      code: 'shortage',
      detail: `${ids} away; ${why}`,
      reattach: view.kept.find((member) => followsInVain(view, member)) ?? null,
    };
  }
  return { kind: 'none', detail: 'all is as it should be' };
}
