/**
 * What became of one group of the running drill. Committed before a move begins, and this is where no more than `parallel`
 * may be under way, whichever leader counts. A note that was made of an older row than the one kept is refused.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { endWhenDone, setMove } from '../drill-changes.ts';
import { runningDrill } from '../drill-queries.ts';
import { drillMoveStateSchema } from '../drill-schemas.ts';
import type { Drill, DrillMove } from '../drill-state.ts';
import { historyStep } from '../history.ts';
import { findReplica } from '../queries.ts';
import {
  countSchema,
  detailSchema,
  epochSchema,
  groupKeySchema,
  recordIdSchema,
  replicaIdSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseUnknownReplica, requireGroup } from './group-changes.ts';

type DrillNote = Extract<Command, { type: 'drill.note' }>;

export const drillNoteSchema = z.strictObject({
  type: z.literal('drill.note'),
  drillId: recordIdSchema,
  group: groupKeySchema,
  expected: z.strictObject({ state: drillMoveStateSchema, attempts: countSchema }),
  state: drillMoveStateSchema,
  from: replicaIdSchema,
  to: replicaIdSchema.nullable(),
  attempts: countSchema,
  epoch: epochSchema,
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<DrillNote>;

function checkStep(drill: Drill, kept: DrillMove, command: DrillNote): Result<null> {
  const { expected, state, attempts } = command;
  if (kept.state !== expected.state || kept.attempts !== expected.attempts) {
    return refused(
      'staleEpoch',
      `${kept.group} is ${kept.state} after ${kept.attempts} tries, not ${expected.state} after ${expected.attempts}.`,
    );
  }
  if (kept.state !== 'waiting' && kept.state !== 'moving')
    return refused('staleEpoch', `${kept.group} is ${kept.state}; that is its end.`);
  if (attempts !== kept.attempts && attempts !== kept.attempts + 1)
    return refused('invalidRequest', `Tries are counted one by one.`, { field: 'attempts' });
  // Proposed before the abort was known: a row that waits under it would never end, and the drill with it.
  if (drill.abort !== null && (state === 'moving' || state === 'waiting'))
    return refused('busy', `The ${drill.kind} of ${drill.idc} was aborted.`);
  if (state !== 'moving') return accepted(null);
  if (kept.state === 'waiting' && drill.counts.moving >= drill.parallel)
    return refused('busy', `${drill.parallel} groups are in their move already.`);
  return accepted(null);
}

export function drillNote(store: MutableMetadata, command: DrillNote): Result<null> {
  const drill = runningDrill(store);
  const kept = store.drillMoves.get(command.group);
  if (drill?.id !== command.drillId || kept === undefined)
    return refused('staleEpoch', `No drill ${command.drillId} that concerns ${command.group} is under way.`);
  const group = requireGroup(store, command.group);
  if (!group.ok) return group;
  const { state, from, to, attempts, epoch, detail, wallMs } = command;
  for (const [field, id] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (id !== null && findReplica(group.value, id) === null)
      return refuseUnknownReplica(group.value, id, field);
  }
  const step = checkStep(drill, kept, command);
  if (!step.ok) return step;
  setMove(store, kept.group, {
    group: kept.group,
    state,
    from,
    to,
    attempts,
    epoch,
    detail: historyStep('', wallMs, detail).detail,
    changedWallMs: wallMs,
  });
  if (state === 'moved') remember(store, drill, kept);
  endWhenDone(store);
  return accepted(null);
}

/** A group that was taken out of an IDC belongs there until it is brought back. */
function remember(store: MutableMetadata, drill: Drill, { group }: DrillMove): void {
  if (drill.kind === 'return') store.evacuatedFrom.delete(group);
  else if (!store.evacuatedFrom.has(group)) store.evacuatedFrom.set(group, drill.idc);
}
