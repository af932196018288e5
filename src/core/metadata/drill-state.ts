/**
 * What is replicated of drills: moving masters out of an IDC, and back. One drill runs at a time in a tier, and the row
 * of each of its groups is committed before it is acted on, so that any new leader goes on where the last one stopped.
 */
import type { Epoch, GroupKey, ReplicaId, SiteName } from '../primitives/identifiers.ts';

/** `draining`: masters leave it, `drained`: none is left. Either way it gets a new one only where nothing else can be proven. */
export type IdcState = 'active' | 'draining' | 'drained';

export type DrillKind = 'evacuation' | 'return';

/**
 * `waiting` and `moving` go on; the others are ends. `notBegun`: the drill was aborted first; `takenBack`: it was aborted
 * while the group was in its move, and the old master goes on.
 */
export type DrillMoveState = 'waiting' | 'moving' | 'moved' | 'failed' | 'notBegun' | 'takenBack';

/** One group of the newest drill. */
export type DrillMove = {
  readonly group: GroupKey;
  readonly state: DrillMoveState;
  /** Its master when the drill began, or when its last try did. */
  readonly from: ReplicaId;
  /** Where its last try leads, or led; null before the first. */
  readonly to: ReplicaId | null;
  /** Tries so far, the one under way included. */
  readonly attempts: number;
  /** Epoch of the reign that the last try was to end. */
  readonly epoch: Epoch;
  readonly detail: string;
  readonly changedWallMs: number;
};

export type DrillCounts = Readonly<Record<DrillMoveState, number>>;

export type Drill = {
  readonly id: string;
  readonly kind: DrillKind;
  readonly idc: SiteName;
  readonly by: string;
  /** Groups that may be in their move at once. */
  readonly parallel: number;
  /** No further group is begun while this many servers are in a full resync. */
  readonly resyncs: number;
  /** Return: for how long a group's servers in the IDC have to be well before it is moved. */
  readonly healthyMs: number;
  readonly startedWallMs: number;
  readonly changedWallMs: number;
  readonly abort: { readonly by: string; readonly wallMs: number } | null;
  readonly outcome: 'running' | 'completed' | 'incomplete' | 'aborted';
  readonly endedWallMs: number | null;
  /** Of its rows, by state. */
  readonly counts: DrillCounts;
  /** The first of its groups that did not end as asked, kept when the rows are not any more. */
  readonly troubles: readonly { readonly group: GroupKey; readonly detail: string }[];
};

/** Where masters are to stand when all is well, and after how long of that they are brought back by themselves. */
export type ReturnRule = {
  readonly preferredIdc: SiteName;
  /** Null: only when an operator says so. */
  readonly returnAfterMs: number | null;
};

/** The whole tier, or one group whose rule goes before that of the tier. */
export type ReturnScope = { readonly kind: 'all' } | { readonly kind: 'group'; readonly group: GroupKey };

/** Key of the tier's own rule among those of groups, whose keys hold a slash. */
export const TIER_RULE = 'tier';
