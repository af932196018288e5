/**
 * Looks at all groups (or other things that are kept by key) in turns, a bounded number at a time, so that a tier of thousands costs no more at each tick than
 * one of dozens. It is the net below: whatever is heard of a group is looked at at once.
 */
import type { BrokerGroup } from '../metadata/state.ts';
import type { GroupKey } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';

export class GroupSweep<Key = GroupKey, Kept = BrokerGroup> {
  #groups: ReadonlyMap<Key, Kept> | null = null;
  #rest: Iterator<Kept> = [].values();

  /** The groups whose turn it is, at most so many; every group has had a turn before one has its second. */
  next(groups: ReadonlyMap<Key, Kept>, atOnce: number = LIMITS.groupsPerSweep): Kept[] {
    // A snapshot replaces the whole state; an iterator over the old one would go on for a while.
    if (groups !== this.#groups) {
      this.#groups = groups;
      this.#rest = groups.values();
    }
    const turn: Kept[] = [];
    const most = Math.min(atOnce, LIMITS.groupsPerSweep, groups.size);
    while (turn.length < most) {
      const { done, value } = this.#rest.next();
      if (done !== true) {
        turn.push(value);
        continue;
      }
      if (turn.length > 0) break;
      this.#rest = groups.values();
    }
    return turn;
  }
}
