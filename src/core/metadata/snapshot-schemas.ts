/** Schemas of the values that only a snapshot carries: commands build them, none brings one ready-made. */
import { z } from 'zod';
import {
  brokerKindSchema,
  clusterNameSchema,
  consumerGroupNameSchema,
  cooldownMsSchema,
  countSchema,
  declaredReplicaSchema,
  detectionMsSchema,
  driverCapabilitiesSchema,
  epochSchema,
  fencingReasonSchema,
  groupKeySchema,
  groupNameSchema,
  historyCandidateSchema,
  historyEvidenceSchema,
  incarnationSchema,
  keptTailSchema,
  labelsSchema,
  lineageSchema,
  offsetSchema,
  onShortageSchema,
  recordIdSchema,
  replicaIdSchema,
  replicaIncarnationSchema,
  stopScopeSchema,
  suspicionOutcomeSchema,
  syncRuleSchema,
  syncSetMemberSchema,
  textSchema,
  timeFenceSecondsSchema,
  wallMsSchema,
  writePolicySchema,
} from './schemas.ts';
import type {
  BrokerGroup,
  ConsumerGroup,
  GivenUpPromotion,
  GroupPhase,
  HistoryChange,
  HistoryRecord,
  Reign,
  Replica,
  SyncSet,
} from './state.ts';

const replicaSchema = declaredReplicaSchema.extend({
  incarnation: incarnationSchema.nullable(),
}) satisfies z.ZodType<Replica>;

const syncSetSchema = z.strictObject({
  version: countSchema,
  epoch: epochSchema,
  members: z.array(syncSetMemberSchema),
  rule: syncRuleSchema,
  author: z.enum(['pollux', 'master']),
  degraded: z.boolean(),
}) satisfies z.ZodType<SyncSet>;

const phaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('active') }),
  z.strictObject({
    kind: z.literal('fencing'),
    epoch: epochSchema,
    reason: fencingReasonSchema,
    recordId: recordIdSchema,
    preferred: replicaIdSchema.nullable(),
    unsafe: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('promoting'),
    epoch: epochSchema,
    reason: fencingReasonSchema,
    recordId: recordIdSchema,
    candidate: replicaIdSchema,
    incarnation: incarnationSchema,
    cut: offsetSchema,
    cutLineage: lineageSchema,
    cutEpoch: epochSchema.nullable(),
  }),
]) satisfies z.ZodType<GroupPhase>;

const reignSchema = z.strictObject({
  epoch: epochSchema,
  master: replicaIdSchema,
  incarnation: incarnationSchema,
  lineage: lineageSchema,
  cut: offsetSchema,
}) satisfies z.ZodType<Reign>;

const givenUpPromotionSchema = z.strictObject({
  epoch: epochSchema,
  candidate: replicaIdSchema,
  incarnation: incarnationSchema,
  cut: offsetSchema,
  cutLineage: lineageSchema,
  cutEpoch: epochSchema.nullable(),
  members: z.array(replicaIncarnationSchema),
  lineage: lineageSchema.nullable(),
}) satisfies z.ZodType<GivenUpPromotion>;

export const brokerGroupSchema = z.strictObject({
  key: groupKeySchema,
  cluster: clusterNameSchema,
  name: groupNameSchema,
  kind: brokerKindSchema,
  watchOnly: z.boolean(),
  capabilities: driverCapabilitiesSchema,
  replicas: z.array(replicaSchema),
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  timeFenceSeconds: timeFenceSecondsSchema,
  epoch: epochSchema,
  master: replicaIdSchema.nullable(),
  phase: phaseSchema,
  syncSets: z.array(syncSetSchema),
  reigns: z.array(reignSchema),
  givenUp: z.array(givenUpPromotionSchema),
  floor: offsetSchema,
  detectionMs: detectionMsSchema,
  cooldownMs: cooldownMsSchema,
  cooldown: z.strictObject({ recordId: recordIdSchema, sinceWallMs: wallMsSchema }).nullable(),
  owner: textSchema,
  labels: labelsSchema,
}) satisfies z.ZodType<BrokerGroup>;

export const consumerGroupSchema = z.strictObject({
  cluster: clusterNameSchema,
  name: consumerGroupNameSchema,
  owner: textSchema,
  labels: labelsSchema,
  allocationPolicy: z.literal('byIdc'),
  paused: z.boolean(),
}) satisfies z.ZodType<ConsumerGroup>;

export const historyRecordSchema = z.strictObject({
  id: recordIdSchema,
  group: groupKeySchema,
  reason: fencingReasonSchema,
  epoch: epochSchema,
  from: replicaIdSchema.nullable(),
  to: replicaIdSchema.nullable(),
  by: textSchema,
  evidence: z.array(historyEvidenceSchema),
  steps: z.array(z.strictObject({ step: z.string(), wallMs: wallMsSchema, detail: z.string() })),
  candidates: z.array(historyCandidateSchema),
  loss: z.strictObject({
    predictedBytes: offsetSchema.nullable(),
    measuredBytes: offsetSchema.nullable(),
  }),
  tail: keptTailSchema.nullable(),
  outcome: z.enum(['running', 'completed', 'superseded', 'reinstated']).or(suspicionOutcomeSchema),
}) satisfies z.ZodType<HistoryRecord>;

export const historyChangeSchema = z.strictObject({
  scope: stopScopeSchema,
  change: z.enum([
    'automaticStopped',
    'automaticResumed',
    'stopExpired',
    'groupSet',
    'acknowledged',
    'returnRuleSet',
  ]),
  by: textSchema,
  detail: z.string(),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<HistoryChange>;
