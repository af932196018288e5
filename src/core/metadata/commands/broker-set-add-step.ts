/** Adds a step to the kept record of an election: what came of it at the brokers. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { historyStep } from '../history.ts';
import { detailSchema, recordIdSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type BrokerSetAddStep = Extract<BrokerSetCommand, { type: 'brokerSet.addStep' }>;

export const brokerSetAddStepSchema = z.strictObject({
  type: z.literal('brokerSet.addStep'),
  recordId: recordIdSchema,
  step: detailSchema,
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<BrokerSetAddStep>;

export function brokerSetAddStep(store: MutableMetadata, command: BrokerSetAddStep): Result<null> {
  const position = store.brokerSetHistory.findIndex(({ id }) => id === command.recordId);
  const record = store.brokerSetHistory[position];
  if (record === undefined)
    return refused('unknownRecord', `No record ${command.recordId} is kept.`, { field: 'recordId' });
  if (record.steps.length >= LIMITS.stepsPerRecord)
    return refused('limitReached', `Record ${record.id} holds ${LIMITS.stepsPerRecord} steps already.`);
  const step = historyStep(command.step, command.wallMs, command.detail);
  store.brokerSetHistory = store.brokerSetHistory.with(position, {
    ...record,
    steps: [...record.steps, step],
  });
  return accepted(null);
}
