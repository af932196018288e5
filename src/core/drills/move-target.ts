/**
 * Whether, and to whom, a group's mastership could be moved now without loss, and why to that one. Plans that are shown
 * and moves that are made ask here alike, so that a preview cannot promise what the run would not do.
 */
import type { ServerReport } from '../liveness/observation.ts';
import { activeSyncSet, findReplica, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup, Replica } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { type PolicyOutlook, policyOutlook } from './policy-outlook.ts';

export type MoveQuestion = {
  readonly group: BrokerGroup;
  /** Wanted by name; null: the best. */
  readonly to: ReplicaId | null;
  /** A master is to stand here; null: anywhere. */
  readonly into: SiteName | null;
  /** IDCs that a master is not to be moved into unless it is wanted by name. */
  readonly avoided: ReadonlySet<SiteName>;
  /** What each server said a moment ago; null where it does not answer. */
  readonly reportOf: (replica: ReplicaId) => ServerReport | null;
};

export type MoveTarget = {
  readonly from: Replica;
  readonly to: Replica;
  readonly lagBytes: bigint;
  /** Why this one, in one sentence. */
  readonly why: string;
  /** With the old master as a slave. */
  readonly after: PolicyOutlook;
  /** With every server of the old master's IDC switched off; null where it stays in that IDC. */
  readonly withoutOldIdc: PolicyOutlook | null;
};

/**
 * So close a slave has to come before writes are held for it. Nearer than this, who is ahead changes with every probe, and
 * catching up costs nothing that anybody could notice.
 */
export const CLOSE_BYTES = 16n * 1024n * 1024n;

const far = ({ lagBytes }: Candidate): bigint => (lagBytes > CLOSE_BYTES ? lagBytes : 0n);

type Candidate = Omit<MoveTarget, 'from' | 'why'>;

/** What the policy can promise is the same under all of them: it hangs on which IDCs are left, not on who reigns. */
const better = (one: Candidate, other: Candidate): number =>
  one.to.priority - other.to.priority ||
  (far(one) === far(other) ? 0 : far(one) < far(other) ? -1 : 1) ||
  (one.to.id < other.to.id ? -1 : 1);

function reasonFor(best: Candidate, next: Candidate | undefined): string {
  const name = best.to.id;
  if (next === undefined) return `${name} is the only one that can take over`;
  const other = next.to.id;
  if (best.to.priority !== next.to.priority)
    return `priority ${best.to.priority} goes before ${next.to.priority} of ${other}`;
  if (far(best) !== far(next)) return `${best.lagBytes} bytes behind, ${other} ${next.lagBytes} bytes`;
  return `as good as ${other}, first by name`;
}

/** Members of the sync set in force, as the committed processes, that follow the master now. */
function followersOf({ group, reportOf }: MoveQuestion, from: Replica): Replica[] {
  const members = activeSyncSet(group)?.members ?? [];
  return group.replicas.filter(({ id }) => {
    const report = reportOf(id);
    const member = members.find(({ replica }) => replica === id);
    return (
      report !== null &&
      member?.incarnation === report.incarnation &&
      report.follows?.linkUp === true &&
      !report.follows.syncing &&
      report.follows.address === from.endpoints.replication
    );
  });
}

function refuseWanted({ group, to }: MoveQuestion, from: Replica): Result<null> {
  if (to === null) return accepted(null);
  if (findReplica(group, to) === null) {
    return refused('unknownReplica', `${group.key} has no replica ${to}.`, {
      field: 'to',
      expected: group.replicas.map(({ id }) => id).join(', '),
    });
  }
  if (to !== from.id) return accepted(null);
  return refused('duplicateName', `${to} is the master of ${group.key} already.`, { field: 'to' });
}

export function moveTarget(question: MoveQuestion): Result<MoveTarget> {
  const { group, to, into, avoided, reportOf } = question;
  if (group.phase.kind !== 'active') {
    return refused(
      'busy',
      `${group.key} is ${group.phase.kind}; wait until that is over (${commandFor(group, 'history list --group')}).`,
    );
  }
  const from = must(masterOf(group), 'an active group has a master');
  const wanted = refuseWanted(question, from);
  if (!wanted.ok) return wanted;
  const place = reportOf(from.id)?.offset;
  if (place === undefined) return refused('brokerUnreachable', `Master ${from.id} does not answer.`);
  const followers = followersOf(question, from);
  const isFit = ({ id, site }: Replica): boolean =>
    to === null ? (into === null || site === into) && !avoided.has(site) : id === to;
  const candidates = followers
    .filter(isFit)
    .map((replica): Candidate => {
      const lag = place - (reportOf(replica.id)?.offset ?? 0n);
      const others = [from, ...followers].filter(({ id }) => id !== replica.id);
      return {
        to: replica,
        lagBytes: lag > 0n ? lag : 0n,
        after: policyOutlook(group, replica, others),
        withoutOldIdc:
          replica.site === from.site
            ? null
            : policyOutlook(
                group,
                replica,
                others.filter(({ site }) => site !== from.site),
              ),
      };
    })
    .sort(better);
  const [best, next] = candidates;
  if (best === undefined) return refused('unprovable', nobodyFits(question, isFit));
  const why = to === null ? reasonFor(best, next) : `${best.to.id} was asked for`;
  return accepted({ from, ...best, why });
}

function nobodyFits({ group, to, into }: MoveQuestion, isFit: (replica: Replica) => boolean): string {
  if (to !== null)
    return `${to} of ${group.key} is not a member of the sync set that follows its master now; nothing was done.`;
  const where = into === null ? 'an active IDC' : into;
  const placed = group.replicas.filter(({ id, ...rest }) => id !== group.master && isFit({ id, ...rest }));
  return placed.length === 0
    ? `${group.key} has no slave in ${where}; nothing was done.`
    : `No slave of ${group.key} in ${where} (${placed.map(({ id }) => id).join(', ')}) is a member of the sync set that follows its master now; nothing was done.`;
}
