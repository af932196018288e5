/**
 * RocketMQ broker sets: what the tier keeps of them as a Controller and as a NameServer, how they are judged, and what
 * their clients are protected from. A brokerName is unique over all clusters, so it names a set alone.
 */
import { z } from 'zod';
import { alertSchema } from './alerts.ts';
import { rocketmqTopicSchema } from './broker-names.ts';
import { brokerSetRecordSchema } from './broker-set-history.ts';
import {
  countSchema,
  decimalSchema,
  detectionMsSchema,
  knownNameSchema,
  millisecondsSchema,
  onShortageSchema,
} from './scalars.ts';

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
  /** What it said of itself in the newest heartbeat that the answering node heard; null where there was none. */
  heartbeat: z
    .object({
      epoch: countSchema,
      maxOffset: decimalSchema,
      confirmOffset: decimalSchema,
      ageMs: millisecondsSchema,
    })
    .nullable(),
  /** When each node heard it last. */
  heard: z.array(z.object({ node: knownNameSchema, ageMs: millisecondsSchema, closed: z.boolean() })),
});

export const brokerSetDetailSchema = brokerSetSummarySchema.omit({ brokers: true }).extend({
  brokers: z.array(brokerSchema),
  /** `wiped` and `added` are an operator's marks, in force until its topics change. Null: it is not registered. */
  writePermission: z.enum(['asRegistered', 'wiped', 'added']).nullable(),
  topics: countSchema,
  /** Newest first. */
  elections: z.array(brokerSetRecordSchema),
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
