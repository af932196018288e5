/** What this node knows of leadership beyond consensus itself: when its leader was last heard, and what has changed. */
import type { MetadataState } from '../metadata/state.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftMessage, RaftStatus } from '../raft/types.ts';

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
  /** What the leader last said is committed, and when. */
  #told: { readonly commitIndex: number; readonly atMs: number } | null = null;
  /** When this node last had applied what it had been told; of what it was told since that is not so yet. */
  #caughtUpMs: number | null = null;
  #leader: NodeName | null = null;
  #term = 0;
  #leading = false;

  get leading(): boolean {
    return this.#leading;
  }

  /**
   * A message from a peer, after consensus has taken it. The leader's say what is committed: whoever was cut off hears it
   * long before everything up to there is applied here, and must not call what it shows current until then.
   */
  heard(from: NodeName, message: RaftMessage, status: RaftStatus, appliedIndex: number, nowMs: number): void {
    if (message.type !== 'append' && message.type !== 'snapshotChunk') return;
    if (status.term !== message.term || status.leader !== from) return;
    this.#heardMs = nowMs;
    // A mere sign of life names no commit index.
    if (message.type !== 'append' || message.commitIndex === 0) return;
    this.#caughtUpMs = this.#currentAtMs(appliedIndex);
    this.#told = { commitIndex: message.commitIndex, atMs: nowMs };
  }

  /** How old the state may be; null before a leader said anything. */
  staleForMs(appliedIndex: number, nowMs: number): number | null {
    const currentAtMs = this.#currentAtMs(appliedIndex);
    return currentAtMs === null ? null : nowMs - currentAtMs;
  }

  #currentAtMs(appliedIndex: number): number | null {
    return this.#told !== null && appliedIndex >= this.#told.commitIndex ? this.#told.atMs : this.#caughtUpMs;
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
