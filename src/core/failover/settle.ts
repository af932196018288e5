/**
 * When older rules may be dropped, so that promotion has to satisfy the last one only.
 *
 * Call a member caught up once its process holds everything that was acknowledged under the older rules. Let s of the
 * last set's n members be caught up, with s >= k >= 1. A promotion under the last rule alone reads at least n - k + 1
 * of the members, and at most n - s <= n - k of them are not caught up: one that is, is among those read. The chosen
 * candidate holds at least as much as that one, hence every write that the older rules acknowledged.
 *
 * With k = 0 (async) any single member may be chosen, so all must be caught up. With k > n nothing is acknowledged
 * under the last rule and reading nobody satisfies it: the older rules then stay, and the members that they name stay
 * electable, for they hold every acknowledged write.
 */
import type { BrokerGroup, SyncSet } from '../metadata/state.ts';
import { acknowledgingCount } from './acknowledging.ts';

/** Whether the caught-up members of this set stand in for every older rule. */
export function standsAlone(set: Pick<SyncSet, 'members' | 'rule'>): boolean {
  const caughtUp = set.members.filter((member) => member.caughtUp).length;
  const k = acknowledgingCount(set);
  return k === 0 ? caughtUp === set.members.length : caughtUp >= k;
}

/**
 * The version to keep rules from, or null when nothing may be dropped. `producersSwitched`: no producer can still be
 * acknowledged under an older version, because its users are gone from the master (or its master is revoked).
 */
export function settledFrom(group: Pick<BrokerGroup, 'syncSets'>, producersSwitched: boolean): number | null {
  const last = group.syncSets.at(-1);
  if (last === undefined || group.syncSets.length < 2 || !producersSwitched) return null;
  return standsAlone(last) ? last.version : null;
}
