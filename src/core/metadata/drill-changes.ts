/**
 * How rows of the newest drill change, and when the drill is over: as soon as no row waits or moves, by the very command
 * that ended the last one, so that no end has to be proposed.
 */
import type { GroupKey, SiteName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { runningDrill } from './drill-queries.ts';
import type { Drill, DrillCounts, DrillMove, DrillMoveState } from './drill-state.ts';
import { masterOf } from './queries.ts';
import type { MutableMetadata } from './store.ts';

export const NO_MOVES: DrillCounts = {
  waiting: 0,
  moving: 0,
  moved: 0,
  failed: 0,
  notBegun: 0,
  takenBack: 0,
};

const isTrouble = (state: DrillMoveState): boolean => state === 'failed' || state === 'takenBack';

export function replaceNewest(store: MutableMetadata, change: (drill: Drill) => Drill): void {
  const newest = store.drills.at(-1);
  if (newest !== undefined) store.drills = store.drills.with(-1, change(newest));
}

/** Puts a row in the place of the one that its group has; null takes that one out. */
export function setMove(store: MutableMetadata, group: GroupKey, move: DrillMove | null): void {
  const before = store.drillMoves.get(group);
  if (move === null) store.drillMoves.delete(group);
  else store.drillMoves.set(group, move);
  replaceNewest(store, (drill) => {
    const counts = { ...drill.counts };
    if (before !== undefined) counts[before.state] -= 1;
    if (move !== null) counts[move.state] += 1;
    const tells = move !== null && isTrouble(move.state) && drill.troubles.length < LIMITS.drillTroublesKept;
    return {
      ...drill,
      counts,
      changedWallMs: move?.changedWallMs ?? drill.changedWallMs,
      troubles: tells ? [...drill.troubles, { group, detail: move.detail }] : drill.troubles,
    };
  });
}

/** An IDC is drained when no master is left there, whoever brought it there while the drill ran. */
const hostsMaster = (store: MutableMetadata, idc: SiteName): boolean =>
  [...store.groups.values()].some((group) => masterOf(group)?.site === idc);

export function endWhenDone(store: MutableMetadata): void {
  const drill = runningDrill(store);
  if (drill === null || drill.counts.waiting + drill.counts.moving > 0) return;
  const outcome = (): Drill['outcome'] => {
    if (drill.abort !== null) return 'aborted';
    if (drill.counts.failed > 0) return 'incomplete';
    return drill.kind === 'evacuation' && hostsMaster(store, drill.idc) ? 'incomplete' : 'completed';
  };
  const ended = outcome();
  replaceNewest(store, (kept) => ({ ...kept, outcome: ended, endedWallMs: kept.changedWallMs }));
  if (drill.kind === 'return') return;
  if (ended === 'completed') store.idcStates.set(drill.idc, 'drained');
  if (ended === 'aborted') store.idcStates.delete(drill.idc);
}
