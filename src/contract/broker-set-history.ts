/** Elections of RocketMQ broker sets that are kept, and masters lost without a successor, with what was behind each. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { brokerNameSchema } from './broker-names.ts';
import { recordEvidenceSchema, recordStepSchema } from './record-parts.ts';
import { countSchema, countText, decimalSchema, knownNameSchema, wallMsSchema } from './scalars.ts';

export const brokerSetHistoryQuerySchema = z.strictObject({
  /** Only records of this broker set. */
  brokerSet: brokerNameSchema.optional(),
  limit: countText(1, LIMITS.brokerSetRecords).default(20),
});

export const brokerSetRecordSchema = z.object({
  id: z.string(),
  cluster: knownNameSchema,
  brokerSet: knownNameSchema,
  reason: z.enum(['firstMaster', 'adoption', 'masterLost', 'masterBack', 'operator', 'drill', 'epochAhead']),
  masterEpoch: countSchema,
  from: countSchema.nullable(),
  /** Null: nobody could be elected. */
  to: countSchema.nullable(),
  by: z.string(),
  /** An operator accepted the loss of messages. */
  unsafe: z.boolean(),
  evidence: z.array(recordEvidenceSchema),
  candidates: z.array(
    z.object({
      id: countSchema,
      site: knownNameSchema.nullable(),
      /** Null where it could not be asked. */
      epoch: countSchema.nullable(),
      maxOffset: decimalSchema.nullable(),
      chosen: z.boolean(),
      detail: z.string(),
    }),
  ),
  /** Null where nobody can say. */
  predictedLossBytes: decimalSchema.nullable(),
  /** Role changes that were acknowledged, and suspicions of this reign that moved nothing, are steps too. */
  steps: z.array(recordStepSchema),
  wallMs: wallMsSchema,
});

/** Newest first. */
export const brokerSetHistoryAnswerSchema = z.object({ records: z.array(brokerSetRecordSchema) });

export type BrokerSetRecordAnswer = z.infer<typeof brokerSetRecordSchema>;
