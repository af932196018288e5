/** What this node knows of leadership beyond consensus itself: when its leader was last heard, and what has changed. */
import type { MetadataState } from '../metadata/state.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftStatus } from '../raft/types.ts';

export type LeadershipChange = {
  /** Another node leads, or none is known any more. */
  readonly leaderChanged: boolean;
  /** This node led until now, in the term that it then knew: its clients will not learn the outcome from it. */
  readonly lostHere: boolean;
};

/**
 * Whether the node leads and may decide: it has applied an entry of its own term, and so everything before. That entries
 * of its predecessors are committed is not enough, for what it decides by is the state.
 */
export const mayDecide = (
  { role, term }: Pick<RaftStatus, 'role' | 'term'>,
  { appliedTerm }: Pick<MetadataState, 'appliedTerm'>,
): boolean => role === 'leader' && appliedTerm === term;

export class LeaderWatch {
  #heardMs: number | null = null;
  #leader: NodeName | null = null;
  #term = 0;
  #leading = false;

  get leading(): boolean {
    return this.#leading;
  }

  /** A message that only the leader of this term sends has arrived from it. */
  heard(from: NodeName, term: number, status: RaftStatus, nowMs: number): void {
    if (status.term === term && status.leader === from) this.#heardMs = nowMs;
  }

  /** Null before a leader was ever heard. */
  heardAgoMs(nowMs: number): number | null {
    if (this.#leading) return 0;
    return this.#heardMs === null ? null : nowMs - this.#heardMs;
  }

  update(status: RaftStatus): LeadershipChange {
    const leads = status.role === 'leader';
    const change = {
      leaderChanged: status.leader !== this.#leader,
      lostHere: this.#leading && (!leads || status.term !== this.#term),
    };
    this.#leader = status.leader;
    this.#term = status.term;
    this.#leading = leads;
    return change;
  }
}
