/** Broker groups: declaration, plan, and the page that an operator reads in an incident. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { alertSchema } from './alerts.ts';
import { evidenceSchema, reportedSchema } from './evidence.ts';
import {
  addressSchema,
  brokerKindSchema,
  committedSchema,
  cooldownMsSchema,
  countSchema,
  DEFAULT_TIME_FENCE_SECONDS,
  decimalSchema,
  detectionMsSchema,
  epochSchema,
  knownNameSchema,
  labelsSchema,
  millisecondsSchema,
  nameSchema,
  noteSchema,
  onShortageSchema,
  timeFenceSecondsSchema,
  wallMsSchema,
  writePolicySchema,
} from './scalars.ts';

export const replicaDeclarationSchema = z.strictObject({
  /** Unique within the cluster; `<group>-<position>` counted from 1 where it is left out. */
  id: nameSchema.optional(),
  site: nameSchema,
  endpoints: z.strictObject({
    /** Where clients and pollux reach it. */
    client: addressSchema,
    /** Where its slaves reach it; `client` where it is left out. */
    replication: addressSchema.optional(),
    /** What clients are told instead of `client`. */
    announced: addressSchema.nullable().default(null),
  }),
  /** Breaks ties between equally synchronised candidates; lower is preferred. */
  priority: z.int().min(0).max(1_000).default(100),
});

export const groupDeclarationSchema = z.strictObject({
  name: nameSchema,
  kind: brokerKindSchema.default('redis'),
  /** Judge the group and write down what would have been done, beside whoever steers it now; touch nothing. */
  watchOnly: z.boolean().default(false),
  replicas: z.array(replicaDeclarationSchema).min(1).max(LIMITS.replicasPerGroup),
  /** First master; null: the replica that is a master now, or holds the data. */
  preferredMaster: nameSchema.nullable().default(null),
  policy: writePolicySchema.default('cross-idc'),
  onShortage: onShortageSchema.default('block'),
  timeFenceSeconds: timeFenceSecondsSchema.default(DEFAULT_TIME_FENCE_SECONDS),
  /** Silence that raises suspicion. */
  detectionMs: detectionMsSchema.default(1_000),
  /** How long the group is left alone after an automatic failover, unless that is acknowledged; 0: not at all. */
  cooldownMs: cooldownMsSchema.default(60_000),
  owner: noteSchema.default(''),
  labels: labelsSchema.default({}),
  /** Look only: answer the plan and change nothing. */
  plan: z.boolean().default(false),
});

export const inspectionSchema = z.object({
  report: reportedSchema,
  version: z.string(),
  configFile: z.string().nullable(),
  prepared: z.boolean(),
  keys: decimalSchema,
  persistence: z.enum(['none', 'rdb', 'aof', 'both']),
  watchedBySentinel: z.boolean(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
  changes: z.array(z.string()),
});

export const survivalRowSchema = z.object({
  failure: z.string(),
  outcome: z.enum(['zeroLoss', 'writesGoOn', 'shortage', 'stop', 'loss']),
  detail: z.string(),
});

export const groupPlanSchema = z.object({
  fit: z.boolean(),
  master: knownNameSchema.nullable(),
  servers: z.array(
    z.object({
      replica: knownNameSchema,
      site: knownNameSchema,
      address: addressSchema,
      /** Null when it did not answer; `error` says why. */
      inspection: inspectionSchema.nullable(),
      error: z.string().nullable(),
    }),
  ),
  problems: z.array(z.object({ replica: knownNameSchema.nullable(), code: z.string(), message: z.string() })),
  survives: z.array(survivalRowSchema),
  waitCount: countSchema,
});

/** `plan` when the declaration said so, else `committed`. */
export const groupAddAnswerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plan'), plan: groupPlanSchema }),
  committedSchema,
]);

/** Fields that are left out stay as they are; at least one has to be there. */
export const groupChangeSchema = z
  .strictObject({
    policy: writePolicySchema.optional(),
    onShortage: onShortageSchema.optional(),
    timeFenceSeconds: timeFenceSecondsSchema.optional(),
    detectionMs: detectionMsSchema.optional(),
    cooldownMs: cooldownMsSchema.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'at least one of policy, onShortage, timeFenceSeconds, detectionMs, cooldownMs',
  });

export const takeRequestSchema = z.strictObject({
  /** First master; null: the one that is seen to reign. */
  preferredMaster: nameSchema.nullable().default(null),
  /** Look only: answer the plan and change nothing. */
  plan: z.boolean().default(false),
});

export const acknowledgeRequestSchema = z.strictObject({ note: noteSchema.default('') });

export const groupPhaseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('active') }),
  z.object({
    kind: z.literal('fencing'),
    epoch: epochSchema,
    reason: z.string(),
    recordId: z.string(),
    preferred: knownNameSchema.nullable(),
    unsafe: z.boolean(),
  }),
  z.object({
    kind: z.literal('promoting'),
    epoch: epochSchema,
    reason: z.string(),
    recordId: z.string(),
    candidate: knownNameSchema,
    cut: decimalSchema,
  }),
]);

export const syncSetSchema = z.object({
  version: countSchema,
  epoch: epochSchema,
  members: z.array(z.object({ replica: knownNameSchema, incarnation: z.string(), caughtUp: z.boolean() })),
  rule: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('anyOf'), k: countSchema }),
    z.object({ kind: z.literal('allOf') }),
  ]),
  author: z.enum(['pollux', 'master']),
  degraded: z.boolean(),
});

export const groupSummarySchema = z.object({
  cluster: knownNameSchema,
  name: knownNameSchema,
  kind: brokerKindSchema,
  /** Somebody else steers it; pollux judges it and touches nothing. */
  watchOnly: z.boolean(),
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  timeFenceSeconds: countSchema,
  /** Reign that is active, or was last; 0 before the first. */
  epoch: epochSchema,
  /** Null before the first reign; while the phase is not active it is the master of the reign that ends. */
  master: z.object({ replica: knownNameSchema, site: knownNameSchema, address: addressSchema }).nullable(),
  phase: groupPhaseSchema,
  replicas: countSchema,
  syncSetVersion: countSchema.nullable(),
  /** Acknowledgements that a producer waits for now; null while nothing can be acknowledged. */
  waitCount: countSchema.nullable(),
  degraded: z.boolean(),
  automaticStopped: z.boolean(),
});

export const groupReplicaSchema = z.object({
  id: knownNameSchema,
  site: knownNameSchema,
  endpoints: z.object({
    client: addressSchema,
    replication: addressSchema,
    announced: addressSchema.nullable(),
  }),
  priority: z.int(),
  /** The process that pollux has fenced and taken in; null before that. */
  incarnation: z.string().nullable(),
  role: z.enum(['master', 'syncSetMember', 'outside']),
  caughtUp: z.boolean(),
  evidence: z.array(evidenceSchema),
});

export const groupDetailSchema = groupSummarySchema.extend({
  replicas: z.array(groupReplicaSchema),
  capabilities: z.object({ canRevoke: z.boolean(), syncSetAuthor: z.enum(['pollux', 'master']) }),
  /** Rules in force, oldest first. */
  syncSets: z.array(syncSetSchema),
  /** The count that is right for every possible master of the group: for clients that wait by themselves. */
  waitCountAnyMaster: countSchema.nullable(),
  /** Highest offset known to be held by an acknowledging set. */
  floor: decimalSchema,
  reigns: z.array(
    z.object({
      epoch: epochSchema,
      master: knownNameSchema,
      incarnation: z.string(),
      lineage: z.string(),
      cut: decimalSchema,
    }),
  ),
  /** Promotions given up since the newest reign. Each candidate may have been made a master all the same. */
  givenUp: z.array(
    z.object({
      epoch: epochSchema,
      candidate: knownNameSchema,
      incarnation: z.string(),
      cut: decimalSchema,
      /** The lineage that it began; null as long as nobody who had it was read. */
      lineage: z.string().nullable(),
    }),
  ),
  /** Which clients are protected, and by what, a line each. */
  protection: z.array(z.object({ client: z.string(), protection: z.string() })),
  detectionMs: millisecondsSchema,
  cooldownMs: millisecondsSchema,
  /** The automatic failover after which the group is left alone, and until when; null where it is not. */
  cooldown: z
    .object({ recordId: z.string(), sinceWallMs: wallMsSchema, untilWallMs: wallMsSchema })
    .nullable(),
  owner: z.string(),
  labels: z.record(z.string(), z.string()),
  alerts: z.array(alertSchema),
  stale: z.boolean(),
});

export const groupListAnswerSchema = z.object({ groups: z.array(groupSummarySchema), stale: z.boolean() });

export type ReplicaDeclaration = z.input<typeof replicaDeclarationSchema>;
export type GroupDeclarationRequest = z.input<typeof groupDeclarationSchema>;
export type GroupPlanAnswer = z.infer<typeof groupPlanSchema>;
export type GroupAddAnswer = z.infer<typeof groupAddAnswerSchema>;
export type GroupPhaseAnswer = z.infer<typeof groupPhaseSchema>;
export type GroupSummary = z.infer<typeof groupSummarySchema>;
export type GroupReplica = z.infer<typeof groupReplicaSchema>;
export type GroupDetail = z.infer<typeof groupDetailSchema>;
