/**
 * RocketMQ broker sets: what the tier keeps of them as a Controller and as a NameServer, how they are judged, and what
 * their clients are protected from. A brokerName is unique over all clusters, so it names a set alone.
 */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { alertSchema } from './alerts.ts';
import {
  countSchema,
  decimalSchema,
  detectionMsSchema,
  knownNameSchema,
  millisecondsSchema,
  onShortageSchema,
  wallMsSchema,
} from './scalars.ts';

const brokerNameExpected = `a brokerName of 1 to ${LIMITS.nameCharacters} characters`;
/** RocketMQ admits more characters than other names here have. */
export const brokerNameSchema = z
  .string({ error: brokerNameExpected })
  .min(1, { error: brokerNameExpected })
  .max(LIMITS.nameCharacters, { error: brokerNameExpected });

const topicExpected = `a topic of 1 to ${LIMITS.rocketmqTopicCharacters} characters`;
export const rocketmqTopicSchema = z
  .string({ error: topicExpected })
  .min(1, { error: topicExpected })
  .max(LIMITS.rocketmqTopicCharacters, { error: topicExpected });

/** `cross-idc`: the sync state set keeps a member outside the master's IDC. `all`: it is whatever the master says. */
export const brokerSetPolicySchema = z.enum(['cross-idc', 'all']);

const brokerIdSchema = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** Fields that are left out stay as they are; at least one has to be there. */
export const brokerSetChangeSchema = z
  .strictObject({
    policy: brokerSetPolicySchema.optional(),
    onShortage: onShortageSchema.optional(),
    detectionMs: detectionMsSchema.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'at least one of policy, onShortage, detectionMs',
  });

export const electRequestSchema = z.strictObject({
  /** Id of the broker that is to be master. */
  to: brokerIdSchema,
  /** Accepts the loss of messages that only members of the sync state set hold. */
  unsafe: z.boolean().default(false),
});

export const electAnswerSchema = z.object({
  kind: z.literal('elected'),
  /** False: it was the master already. */
  changed: z.boolean(),
  master: countSchema,
  masterEpoch: countSchema,
});

/** What the tier keeps as the set's Controller. */
const controlledSchema = z.object({
  masterEpoch: countSchema,
  /** Ids in ascending order: every one of them holds all that was acknowledged. */
  syncStateSet: z.array(countSchema),
  syncStateSetEpoch: countSchema,
  policy: brokerSetPolicySchema,
  onShortage: onShortageSchema,
  /** It has brokers outside the master's IDC, its policy wants one of them in the sync state set, and none is. */
  degraded: z.boolean(),
  /** Ids or epochs came from brokers, not from us: its next master is chosen by what all of them hold. */
  unproven: z.boolean(),
  detectionMs: millisecondsSchema,
  automaticStopped: z.boolean(),
});

export const brokerSetSummarySchema = z.object({
  cluster: knownNameSchema,
  name: knownNameSchema,
  /** Id 0 where the set is registered only; IDC null where neither a zone nor its address says. */
  master: z.object({ id: countSchema, site: knownNameSchema.nullable(), address: z.string() }).nullable(),
  brokers: countSchema,
  /** Null: its brokers only register with the NameServer, and nothing fails over. */
  controlled: controlledSchema.nullable(),
});

const brokerSchema = z.object({
  /** Null: it is registered, and not by a controller's id. */
  id: countSchema.nullable(),
  /** Empty while nobody said. */
  address: z.string(),
  haAddress: z.string().nullable(),
  site: knownNameSchema.nullable(),
  role: z.enum(['master', 'inSync', 'outside', 'registered']),
  /** What it said to the NameServer; null where it is not registered. */
  registration: z
    .object({
      /** 0: as the master. Null: another broker has its id by now. */
      brokerId: countSchema.nullable(),
      zone: z.string().nullable(),
      version: countSchema,
      timeoutMs: millisecondsSchema,
      /** All of its topics are taken in. */
      complete: z.boolean(),
    })
    .nullable(),
});

/** An election, or a master lost without a successor. */
const electionSchema = z.object({
  id: z.string(),
  reason: z.enum(['firstMaster', 'adoption', 'masterLost', 'masterBack', 'operator', 'drill', 'epochAhead']),
  masterEpoch: countSchema,
  from: countSchema.nullable(),
  /** Null: nobody could be elected. */
  to: countSchema.nullable(),
  by: z.string(),
  unsafe: z.boolean(),
  evidence: z.array(
    z.object({
      node: knownNameSchema,
      site: knownNameSchema,
      verdict: z.enum(['dead', 'alive', 'abstain', 'neverReached']),
      detail: z.string(),
      wallMs: wallMsSchema,
    }),
  ),
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
  steps: z.array(z.object({ step: z.string(), wallMs: wallMsSchema, detail: z.string() })),
  wallMs: wallMsSchema,
});

export const brokerSetDetailSchema = brokerSetSummarySchema.omit({ brokers: true }).extend({
  brokers: z.array(brokerSchema),
  /** `wiped` and `added` are an operator's marks, in force until its topics change. Null: it is not registered. */
  writePermission: z.enum(['asRegistered', 'wiped', 'added']).nullable(),
  topics: countSchema,
  /** Newest first. */
  elections: z.array(electionSchema),
  /** Which clients are protected, and by what, a line each. */
  protection: z.array(z.object({ client: z.string(), protection: z.string() })),
  alerts: z.array(alertSchema),
  stale: z.boolean(),
});

export const brokerSetListAnswerSchema = z.object({
  brokerSets: z.array(brokerSetSummarySchema),
  stale: z.boolean(),
});

/**
 * Which broker sets a topic's route lists. `client`: near ones if the client asks for its zone, else all. `prefer`: near
 * ones to every client whose IDC is known. Both: all of them where none near has a master. `strict`: near ones only.
 * `everywhere`: all, whatever the client asks for.
 */
export const topicNearRuleSchema = z.enum(['client', 'prefer', 'strict', 'everywhere']);

export const topicNearRequestSchema = z.strictObject({
  /** `*`: every topic without a rule of its own. */
  topic: rocketmqTopicSchema,
  /** Null takes the rule away. */
  near: topicNearRuleSchema.nullable(),
});

export const topicNearListAnswerSchema = z.object({
  rules: z.array(z.object({ topic: z.string(), near: topicNearRuleSchema })),
  stale: z.boolean(),
});

export type BrokerSetSummary = z.infer<typeof brokerSetSummarySchema>;
export type BrokerSetDetail = z.infer<typeof brokerSetDetailSchema>;
export type BrokerSetElection = BrokerSetDetail['elections'][number];
