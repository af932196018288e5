/**
 * Ends a drill early. No further group is begun; what is moved stays; a move that is not promoted yet is taken back: where
 * its group is fenced already, the old master becomes the one that is wished for, which decides as long as it holds as
 * much as any other.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { endWhenDone, replaceNewest, runningDrill, setMove } from '../drill-changes.ts';
import type { DrillMove } from '../drill-state.ts';
import { changeRecord, historyStep, withStep } from '../history.ts';
import { siteNameSchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type DrillAbort = Extract<Command, { type: 'drill.abort' }>;

export const drillAbortSchema = z.strictObject({
  type: z.literal('drill.abort'),
  idc: siteNameSchema,
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<DrillAbort>;

export function drillAbort(store: MutableMetadata, { idc, by, wallMs }: DrillAbort): Result<null> {
  const drill = runningDrill(store);
  if (drill === null || drill.idc !== idc)
    return refused('notRunning', `No evacuation and no return of ${idc} is under way.`, { field: 'idc' });
  // Said again: a fence that was on its way when the drill was aborted is taken back, too.
  const abort = drill.abort ?? { by, wallMs };
  replaceNewest(store, (kept) => ({ ...kept, abort, changedWallMs: wallMs }));
  for (const move of [...store.drillMoves.values()]) {
    if (move.state === 'waiting')
      setMove(store, move.group, {
        ...move,
        state: 'notBegun',
        detail: `aborted by ${by}`,
        changedWallMs: wallMs,
      });
    else if (move.state === 'moving') wishForOldMaster(store, move, by, wallMs);
  }
  endWhenDone(store);
  return accepted(null);
}

function wishForOldMaster(store: MutableMetadata, move: DrillMove, by: string, wallMs: number): void {
  const group = store.groups.get(move.group);
  if (group?.phase.kind !== 'fencing' || group.phase.reason !== 'switchover') return;
  if (group.master !== move.from || group.phase.preferred !== move.to) return;
  store.groups.set(group.key, { ...group, phase: { ...group.phase, preferred: group.master } });
  const step = historyStep('takenBack', wallMs, `aborted by ${by}: ${group.master} is to go on`);
  changeRecord(store, group.phase.recordId, (record) => withStep(record, step));
}
