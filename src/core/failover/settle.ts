/**
 * When older rules may be dropped, so that promotion has to satisfy the last one only.
 *
 * Call a member caught up once its process holds everything that was acknowledged under the older rules. Let s of the
 * last set's n members be caught up, with s >= k >= 1. A promotion under the last rule alone reads at least n - k + 1
 * of the members, and at most n - s <= n - k of them are not caught up: one that is, is among those read. The chosen
 * candidate holds at least as much as that one, hence every write that the older rules acknowledged.
 *
 * A member whose process is gone is never read again, so only those that are left count: at most n - k of them may not
 * be caught up. Without this, a set whose member rebooted could neither settle nor, once rules in force have piled up, be
 * changed any more.
 *
 * With k = 0 (async) any single member may be chosen, so all must be caught up. With k > n nothing is acknowledged
 * under the last rule and reading nobody satisfies it: the older rules then stay, and the members that they name stay
 * electable, for they hold every acknowledged write.
 */
import type { BrokerGroup, SyncSet, SyncSetMember } from '../metadata/state.ts';
import { acknowledgingCount } from './acknowledging.ts';

type IsGone = (member: SyncSetMember) => boolean;

const nobodyIsGone: IsGone = () => false;

/** Whether the caught-up members of this set stand in for every older rule. `isGone`: its process has ended for good. */
export function standsAlone(set: Pick<SyncSet, 'members' | 'rule'>, isGone: IsGone = nobodyIsGone): boolean {
  const behind = set.members.filter((member) => !member.caughtUp && !isGone(member)).length;
  const k = acknowledgingCount(set);
  if (k > set.members.length) return false;
  return k === 0 ? behind === 0 : behind <= set.members.length - k;
}

/**
 * The version to keep rules from, or null when nothing may be dropped. `producersSwitched`: no producer can still be
 * acknowledged under an older version, because its users are gone from the master (or its master is revoked).
 */
export function settledFrom(
  group: Pick<BrokerGroup, 'syncSets'>,
  producersSwitched: boolean,
  isGone: IsGone = nobodyIsGone,
): number | null {
  const last = group.syncSets.at(-1);
  if (last === undefined || group.syncSets.length < 2 || !producersSwitched) return null;
  return standsAlone(last, isGone) ? last.version : null;
}
