/**
 * Bringing a replica into a running group's sync set. It is fenced and read, catches up below a member (a slave of a
 * slave is not counted by WAIT), is committed with the k that then holds, and only after the master's grant for that
 * version attached to the master. Attached any earlier it could be the only slave that has an acknowledged write.
 *
 * Where nobody waits for slaves (k = 0) it may attach to the master right away, for its acknowledgement counts for
 * nothing; where no member is left to catch up below, writes are blocked already and it is committed first.
 */

import type { ServerReport } from '../liveness/observation.ts';
import type { SyncSetMember } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import { acknowledgingCount } from './acknowledging.ts';
import type { ChangeStep } from './change-step.ts';
import { type ChangeView, isLinked, replicaById, ruleOfMembers, stateOf } from './change-view.ts';

/** A follower this close is committed: the last bytes arrive within the grant and the attachment that follow. */
export const CATCH_UP_LAG_BYTES = 1024n * 1024n;

type Outsider = { readonly id: ReplicaId; readonly report: ServerReport };

const addressOf = (view: ChangeView, id: ReplicaId): string | null =>
  replicaById(view.group, id)?.endpoints.replication ?? null;

/**
 * Neither under the rule in force nor under the one that the policy asks for: before writes begin to be acknowledged by
 * slaves, whoever is no member has to be off the master.
 */
function nobodyWaits({ group, last, master }: ChangeView): boolean {
  if (acknowledgingCount(last) > 0) return false;
  const { rule } = ruleOfMembers(group, master.site, last.members);
  return acknowledgingCount({ members: last.members, rule }) === 0;
}

/** Reachable replicas that are no members, or members by a process that is gone and that stay for the policy's sake. */
function outsiders(view: ChangeView): Outsider[] {
  const { group, input, last, leaving } = view;
  const found: Outsider[] = [];
  for (const replica of group.replicas) {
    const { report, reachable } = stateOf(input, replica.id);
    if (replica.id === group.master || !reachable || report === null || report.loading) continue;
    const member = last.members.find((one) => one.replica === replica.id);
    const isLeaving = leaving.some((one) => one.replica === replica.id);
    if (isLeaving || member?.incarnation === report.incarnation) continue;
    found.push({ id: replica.id, report });
  }
  return found;
}

/** Members that a returning replica may catch up below, those of its own site first. */
function upstreams(view: ChangeView, outsider: Outsider): ReplicaId[] {
  const site = replicaById(view.group, outsider.id)?.site;
  return view.last.members
    .filter((member) => isLinked(view.input, member))
    .map((member) => member.replica)
    .sort((one, other) => {
      const apart = (id: ReplicaId): number => Number(replicaById(view.group, id)?.site !== site);
      return apart(one) - apart(other) || (one < other ? -1 : 1);
    });
}

const followsAddress = (report: ServerReport, address: string | null): boolean =>
  address !== null && report.follows?.address === address;

/** Only a grant of this tier lets a server's link come up, so one that follows a member with its link up is fenced. */
function isFenced(view: ChangeView, { id, report }: Outsider): boolean {
  if (report.role === 'master') return false;
  if (view.input.progress.fenced.get(id) === report.incarnation) return true;
  const known = [view.master.id, ...view.last.members.map((member) => member.replica)];
  return (
    report.follows?.linkUp === true &&
    known.some((upstream) => followsAddress(report, addressOf(view, upstream)))
  );
}

function hasCaughtUp(view: ChangeView, report: ServerReport): boolean {
  const { follows } = report;
  if (follows === null || !follows.linkUp || follows.syncing) return false;
  return (
    report.lineage === view.reign.lineage && view.masterReport.offset - report.offset <= CATCH_UP_LAG_BYTES
  );
}

function commitWith(view: ChangeView, joining: readonly Outsider[]): ChangeStep {
  const { group, last, master } = view;
  const incarnations = joining.map(({ id, report }) => ({ replica: id, incarnation: report.incarnation }));
  const members: SyncSetMember[] = [
    ...last.members.filter((member) => !joining.some((outsider) => outsider.id === member.replica)),
    ...incarnations,
  ].map(({ replica, incarnation }) => ({ replica, incarnation, caughtUp: false }));
  const { rule, degraded } = ruleOfMembers(group, master.site, members);
  const detail = incarnations
    .map(({ replica, incarnation }) => `${replica} joins as ${incarnation}`)
    .join(', ');
  return {
    kind: 'commit',
    change: 'add',
    expectedVersion: last.version,
    members,
    rule,
    degraded,
    incarnations,
    detail,
  };
}

/** Who is attached to the master already, as nobody waits, joins together: the next grant cuts off all others. */
function joiningWith(view: ChangeView, outsider: Outsider): Outsider[] {
  if (!nobodyWaits(view)) return [outsider];
  return outsiders(view).filter((one) => isFenced(view, one) && hasCaughtUp(view, one.report));
}

/** Who else catches up below this member and must keep its inbound user. */
function chainedBelow(view: ChangeView, upstream: ReplicaId, joining: ReplicaId): ReplicaId[] {
  const address = addressOf(view, upstream);
  const others = outsiders(view)
    .filter((other) => other.id !== joining && isFenced(view, other) && followsAddress(other.report, address))
    .map((other) => other.id);
  return [...others, joining].sort();
}

const isWaiting = ({ follows }: ServerReport): boolean => follows?.linkUp === false && !follows.syncing;

/** As one does that somebody attached by hand, without its user: told again it gets through. */
const isWaitingLong = (view: ChangeView, { id, report }: Outsider): boolean =>
  isWaiting(report) && stateOf(view.input, id).awayForMs >= view.input.removeAfterMs;

/**
 * It follows the member in vain: another one was let in there before this one was seen to follow, and a grant names
 * exactly whom it lets in.
 */
function isShutOut(view: ChangeView, upstream: ReplicaId, { id, report }: Outsider): boolean {
  return isWaiting(report) && view.input.progress.chained.get(upstream)?.includes(id) !== true;
}

function stepFor(view: ChangeView, outsider: Outsider): ChangeStep | null {
  const { id, report } = outsider;
  const { incarnation } = report;
  const { notNow } = view.input.progress;
  if (notNow.has(id)) return null;
  if (!isFenced(view, outsider)) return { kind: 'fence', replica: id };
  if (nobodyWaits(view)) {
    if (!followsAddress(report, view.master.endpoints.replication) || isWaitingLong(view, outsider))
      return { kind: 'attach', replica: id, incarnation };
  } else {
    const candidates = upstreams(view, outsider);
    const [first] = candidates;
    if (first === undefined) return view.roomForChange ? commitWith(view, [outsider]) : null;
    const current = candidates.find((upstream) => followsAddress(report, addressOf(view, upstream)));
    const below = current ?? first;
    if (current === undefined || isShutOut(view, current, outsider)) {
      if (notNow.has(below)) return null;
      return { kind: 'chain', replica: id, incarnation, below, inbound: chainedBelow(view, below, id) };
    }
  }
  if (!hasCaughtUp(view, report) || !view.roomForChange) return null;
  return commitWith(view, joiningWith(view, outsider));
}

/** Outsiders that may be attached to the master before they are members: none, unless nobody waits for slaves. */
export function attachedOutsiders(view: ChangeView): ReplicaId[] {
  if (!nobodyWaits(view)) return [];
  return outsiders(view)
    .filter((outsider) => isFenced(view, outsider))
    .map((outsider) => outsider.id);
}

/** The next step of the first returning replica that has one; null while all are catching up, or none returns. */
export function returningStep(view: ChangeView): ChangeStep | null {
  for (const outsider of outsiders(view)) {
    const step = stepFor(view, outsider);
    if (step !== null) return step;
  }
  return null;
}
