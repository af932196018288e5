/** One more line of a kept record: an old master's return, an alert while it ran. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { changeRecord, findRecord, historyStep, withStep } from '../history.ts';
import { detailSchema, offsetSchema, recordIdSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type HistoryAddStep = Extract<Command, { type: 'history.addStep' }>;

export const historyAddStepSchema = z.strictObject({
  type: z.literal('history.addStep'),
  recordId: recordIdSchema,
  step: detailSchema,
  detail: detailSchema,
  measuredLossBytes: offsetSchema.nullable(),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<HistoryAddStep>;

export function historyAddStep(store: MutableMetadata, command: HistoryAddStep): Result<null> {
  const record = findRecord(store, command.recordId);
  if (record === null) {
    return refused('unknownRecord', `No history record ${command.recordId} is kept.`, { field: 'recordId' });
  }
  if (record.steps.length >= LIMITS.stepsPerRecord) {
    return refused('limitReached', `Record ${record.id} holds ${LIMITS.stepsPerRecord} steps already.`);
  }
  const step = historyStep(command.step, command.wallMs, command.detail);
  const measuredBytes = command.measuredLossBytes;
  changeRecord(store, record.id, (kept) => ({
    ...withStep(kept, step),
    loss: measuredBytes === null ? kept.loss : { ...kept.loss, measuredBytes },
  }));
  return accepted(null);
}
