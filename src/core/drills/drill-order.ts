/** Which groups of a drill are begun next: in the order of the plan, no more than its limits allow. */
import type { Drill, DrillMove } from '../metadata/drill-state.ts';
import type { GroupKey } from '../primitives/identifiers.ts';

export type DrillView = {
  readonly drill: Drill;
  readonly moves: Iterable<DrillMove>;
  /** Rows whose next state is on its way through consensus. */
  readonly pending: ReadonlySet<GroupKey>;
  /** Servers in a full resync that moves of this drill may have set off. */
  readonly syncing: number;
  /** Not to be tried again before its pause is over, or its IDC is well. */
  readonly isHeldUp: (move: DrillMove) => boolean;
};

export function nextToBegin({ drill, moves, pending, syncing, isHeldUp }: DrillView): DrillMove[] {
  if (drill.outcome !== 'running' || drill.abort !== null || syncing >= drill.resyncs) return [];
  // Whoever is on its way into a move counts as in it.
  let room = drill.parallel - drill.counts.moving - pending.size;
  const chosen: DrillMove[] = [];
  for (const move of moves) {
    if (room <= 0) break;
    if (move.state !== 'waiting' || pending.has(move.group) || isHeldUp(move)) continue;
    chosen.push(move);
    room -= 1;
  }
  return chosen;
}
