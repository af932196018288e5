/**
 * The quorum arithmetic, in one place. A write is acknowledged under a sync set once its master and k of the set's n
 * members hold it; WAIT says how many, never who. So a set of revoked-and-read members proves something only if it
 * meets every possible acknowledging set: any n - k + 1 members do, fewer do not.
 *
 * The master is no member. That it holds everything itself is for `coverage.ts` to use.
 */
import type { SyncSet, SyncSetMember } from '../metadata/state.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';

/** A server that was read, by the process that answered. */
export type ReadMember = { readonly replica: ReplicaId; readonly incarnation: Incarnation };

type Rules = Pick<SyncSet, 'members' | 'rule'>;

/** k: members that acknowledge a write beside the master. More than there are members means that none ever is. */
export const acknowledgingCount = (set: Rules): number =>
  set.rule.kind === 'allOf' ? set.members.length : set.rule.k;

/**
 * Members that must be read so that none of the acknowledging sets is missed: n - k + 1. With k = 0 that is more
 * than there are, for the master alone acknowledges; with k > n it is none or less, for nothing is acknowledged.
 */
export const neededReads = (set: Rules): number => set.members.length - acknowledgingCount(set) + 1;

/** The members among `read`; one that answers as another process than the committed one counts for nothing. */
export function countedMembers(set: Pick<SyncSet, 'members'>, read: readonly ReadMember[]): SyncSetMember[] {
  return set.members.filter((member) =>
    read.some((one) => one.replica === member.replica && one.incarnation === member.incarnation),
  );
}

/** Whether every write acknowledged under this set is held by at least one of `read`. */
export const covers = (set: Rules, read: readonly ReadMember[]): boolean =>
  countedMembers(set, read).length >= neededReads(set);

/** Whether that is so for every rule in force. */
export const coversAll = (sets: readonly Rules[], read: readonly ReadMember[]): boolean =>
  sets.every((set) => covers(set, read));

/**
 * Whether this set's acknowledgements never promised that a slave holds the write (policy `async`). A set that was
 * degraded to nothing is no such set: what it acknowledged lives on its master alone, and that must be said.
 */
export const promisesNothing = (set: SyncSet): boolean =>
  set.author === 'pollux' && !set.degraded && acknowledgingCount(set) === 0;
