/**
 * Schemas of the values that commands and snapshots carry. They say what a value looks like and how long its words
 * may be; how many there may be, and what it may refer to, is judged by each command's rule against the store.
 * Objects are strict: a node that does not know a field must stop rather than apply something else than its peers.
 */
import { z } from 'zod';
import {
  type ClusterName,
  type ConsumerGroupName,
  type Epoch,
  type GroupKey,
  type GroupName,
  type Incarnation,
  type Lineage,
  MAX_EPOCH,
  NAME_PATTERN,
  type NodeName,
  type ReplicaId,
  type SiteName,
  type TopicName,
} from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type {
  AutomaticStop,
  DriverCapabilities,
  Endpoints,
  HistoryCandidate,
  KeptTail,
  OperatorToken,
  Replica,
  Site,
  StopScope,
  SuspicionOutcome,
  SyncRule,
  SyncSetMember,
  TierMember,
  Topic,
} from './state.ts';
import type { HistoryEvidence } from './state-parts.ts';

/** Validation adds the brand to a plain value; the runtime object stays the same schema. */
const branded = <Brand>(schema: z.ZodType<string> | z.ZodType<number>): z.ZodType<Brand> =>
  schema as z.ZodType<unknown> as z.ZodType<Brand>;

const nameSchema = z.string().min(1).max(LIMITS.nameCharacters).regex(NAME_PATTERN);
const opaqueSchema = z.string().min(1).max(LIMITS.opaqueCharacters);

export const siteNameSchema = branded<SiteName>(nameSchema);
export const nodeNameSchema = branded<NodeName>(nameSchema);
export const clusterNameSchema = branded<ClusterName>(nameSchema);
export const groupNameSchema = branded<GroupName>(nameSchema);
export const replicaIdSchema = branded<ReplicaId>(nameSchema);
export const topicNameSchema = branded<TopicName>(nameSchema);
export const consumerGroupNameSchema = branded<ConsumerGroupName>(nameSchema);
export const groupKeySchema = branded<GroupKey>(
  z
    .string()
    .max(2 * LIMITS.nameCharacters + 1)
    .regex(/^[^/]+\/[^/]+$/),
);
export const incarnationSchema = branded<Incarnation>(opaqueSchema);
export const lineageSchema = branded<Lineage>(opaqueSchema);
export const epochSchema = branded<Epoch>(z.int().min(0).max(MAX_EPOCH));
export const recordIdSchema = opaqueSchema;

export const countSchema = z.int().min(0);
export const offsetSchema = z.bigint().min(0n);
/** Shown to people and never decided upon, so that a strange clock cannot hold up a failover. */
export const wallMsSchema = z.number();
/** Words of an operator: refused when too long. */
export const textSchema = z.string().max(LIMITS.textCharacters);
/** Words of our own making: cut when they are stored, so that a long error message cannot hold up a failover. */
export const detailSchema = z.string();

/**
 * Keys start with a letter, a digit or `+`: no key can then be taken for the tag of a bigint, nor for a name that
 * JavaScript objects inherit specially.
 */
export const labelsSchema = z.record(
  z
    .string()
    .max(LIMITS.nameCharacters)
    .regex(/^[A-Za-z0-9+][A-Za-z0-9+_.:/-]*$/),
  z.string().max(LIMITS.labelCharacters),
);

const addressSchema = z
  .string()
  .max(LIMITS.opaqueCharacters)
  .regex(/^(\[[0-9A-Fa-f:.%]+\]|[^\s:/[\]]+):[0-9]{1,5}$/, 'expected host:port');

export const siteSchema = z.strictObject({
  name: siteNameSchema,
  kind: z.enum(['idc', 'witness']),
}) satisfies z.ZodType<Site>;

export const tierMemberSchema = z.strictObject({
  name: nodeNameSchema,
  site: siteNameSchema,
  httpUrl: z.string().max(LIMITS.opaqueCharacters),
}) satisfies z.ZodType<TierMember>;

export const operatorTokenSchema = z.strictObject({
  id: opaqueSchema,
  sha256: opaqueSchema,
  role: z.literal('operator'),
  createdWallMs: wallMsSchema,
}) satisfies z.ZodType<OperatorToken>;

const endpointsSchema = z.strictObject({
  client: addressSchema,
  replication: addressSchema,
  announced: addressSchema.nullable(),
}) satisfies z.ZodType<Endpoints>;

export const declaredReplicaSchema = z.strictObject({
  id: replicaIdSchema,
  site: siteNameSchema,
  endpoints: endpointsSchema,
  priority: z.int(),
}) satisfies z.ZodType<Omit<Replica, 'incarnation'>>;

export const brokerKindSchema = z.enum(['redis', 'http', 'rocketmq']);
export const writePolicySchema = z.enum(['async', 'any-one', 'majority', 'cross-idc', 'all']);
export const onShortageSchema = z.enum(['block', 'degrade']);
export const fencingReasonSchema = z.enum([
  'adoption',
  'masterLost',
  'masterRestarted',
  'switchover',
  'operatorFailover',
  'promotionFailed',
  'observed',
]);
export const timeFenceSecondsSchema = z.int().min(0).max(LIMITS.timeFenceSeconds);
export const detectionMsSchema = z.int().min(LIMITS.shortestDetectionMs).max(LIMITS.longestDetectionMs);
/** 0: no cool-down. */
export const cooldownMsSchema = z.int().min(0).max(LIMITS.longestCooldownMs);

export const driverCapabilitiesSchema = z.strictObject({
  canRevoke: z.boolean(),
  syncSetAuthor: z.enum(['pollux', 'master']),
}) satisfies z.ZodType<DriverCapabilities>;

export const syncRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('anyOf'), k: countSchema }),
  z.strictObject({ kind: z.literal('allOf') }),
]) satisfies z.ZodType<SyncRule>;

export const syncSetMemberSchema = z.strictObject({
  replica: replicaIdSchema,
  incarnation: incarnationSchema,
  caughtUp: z.boolean(),
}) satisfies z.ZodType<SyncSetMember>;

export const replicaIncarnationSchema = z.strictObject({
  replica: replicaIdSchema,
  incarnation: incarnationSchema,
});

export const historyEvidenceSchema = z.strictObject({
  node: nodeNameSchema,
  site: siteNameSchema,
  verdict: z.enum(['dead', 'alive', 'abstain', 'neverReached']),
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<HistoryEvidence>;

export const suspicionOutcomeSchema = z.enum([
  'refuted',
  'held',
  'undecided',
  'unprovable',
  'automaticStopped',
  'coolingDown',
  'wouldHave',
  'carriedOut',
]) satisfies z.ZodType<SuspicionOutcome>;

export const historyCandidateSchema = z.strictObject({
  replica: replicaIdSchema,
  site: siteNameSchema,
  offset: offsetSchema.nullable(),
  epoch: epochSchema,
  chosen: z.boolean(),
  detail: detailSchema,
}) satisfies z.ZodType<HistoryCandidate>;

export const keptTailSchema = z.strictObject({
  replica: replicaIdSchema,
  node: nodeNameSchema,
  file: opaqueSchema,
  sha256: opaqueSchema,
  lineage: lineageSchema,
  cut: offsetSchema,
  offset: offsetSchema,
  bytes: countSchema,
  complete: z.boolean(),
  writes: countSchema,
  perhapsExpiries: countSchema,
  others: countSchema,
}) satisfies z.ZodType<KeptTail>;

export const topicSchema = z.strictObject({
  cluster: clusterNameSchema,
  name: topicNameSchema,
  queues: z
    .array(z.strictObject({ group: groupKeySchema, readQueues: z.int().min(1), writeQueues: z.int().min(1) }))
    .min(1),
  permission: z.enum(['read', 'write', 'readWrite']),
  order: z.boolean(),
  near: z.enum(['prefer', 'strict']),
  attributes: labelsSchema,
  source: z.enum(['declared', 'reported']),
  owner: textSchema,
  labels: labelsSchema,
}) satisfies z.ZodType<Topic>;

export const stopScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('idc'), site: siteNameSchema }),
  z.strictObject({ kind: z.literal('group'), group: groupKeySchema }),
]) satisfies z.ZodType<StopScope>;

export const automaticStopSchema = z.strictObject({
  scope: stopScopeSchema,
  by: textSchema,
  reason: textSchema,
  sinceWallMs: wallMsSchema,
  untilWallMs: wallMsSchema.nullable(),
}) satisfies z.ZodType<AutomaticStop>;
