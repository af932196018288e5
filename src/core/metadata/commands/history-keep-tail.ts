/** Which node keeps the end of an old master's stream, in the record of the failover that cut it off. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { changeRecord, findRecord, historyStep, withStep } from '../history.ts';
import { detailSchema, keptTailSchema, recordIdSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type HistoryKeepTail = Extract<Command, { type: 'history.keepTail' }>;

export const historyKeepTailSchema = z.strictObject({
  type: z.literal('history.keepTail'),
  recordId: recordIdSchema,
  tail: keptTailSchema,
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<HistoryKeepTail>;

export function historyKeepTail(store: MutableMetadata, command: HistoryKeepTail): Result<null> {
  const record = findRecord(store, command.recordId);
  if (record === null) {
    return refused('unknownRecord', `No history record ${command.recordId} is kept.`, { field: 'recordId' });
  }
  const step = historyStep('tailKept', command.wallMs, command.detail);
  // Where the file is must be known even if the story has no room for another line.
  const hasRoom = record.steps.length < LIMITS.stepsPerRecord;
  changeRecord(store, record.id, (kept) => ({
    ...(hasRoom ? withStep(kept, step) : kept),
    tail: command.tail,
  }));
  return accepted(null);
}
