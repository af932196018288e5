/**
 * Ends a drill early. No further group is begun; what is moved stays; a move that is not promoted yet is taken back, see
 * isTakenBack.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { endWhenDone, replaceNewest, setMove } from '../drill-changes.ts';
import { runningDrill } from '../drill-queries.ts';
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
  if (drill.abort !== null) return accepted(null);
  const abort = { by, wallMs };
  replaceNewest(store, (kept) => ({ ...kept, abort, changedWallMs: wallMs }));
  for (const move of [...store.drillMoves.values()]) {
    if (move.state === 'waiting')
      setMove(store, move.group, {
        ...move,
        state: 'notBegun',
        detail: `aborted by ${by}`,
        changedWallMs: wallMs,
      });
  }
  endWhenDone(store);
  return accepted(null);
}
