/**
 * What a JSON message of a peer must look like. Peers are our own and have proven the tier's secret, but perhaps run
 * another build: the tags, and every field that consensus or a failover decides upon, are checked here, so that a
 * strange message costs a connection and never the process. Fields that are not known are passed on.
 */
import { z } from 'zod';
import type { CoordinatorMessage } from '../core/coordinator/messages.ts';
import type { ClientRequest, GroupDeclaration, Heartbeat } from '../core/coordinator/requests.ts';
import type {
  Inspection,
  ServerCheck,
  SteerAction,
  SteerOutcome,
  SteerRequest,
} from '../core/failover/steering.ts';
import type { Observation, ProbeOutcome, ReplicaRef, ServerReport } from '../core/liveness/observation.ts';
import type { Command } from '../core/metadata/command.ts';
import { checkCommand } from '../core/metadata/command-codec.ts';
import { drillKindSchema } from '../core/metadata/drill-schemas.ts';
import {
  brokerKindSchema,
  clusterNameSchema,
  cooldownMsSchema,
  countSchema,
  declaredReplicaSchema,
  detectionMsSchema,
  epochSchema,
  groupKeySchema,
  groupNameSchema,
  incarnationSchema,
  keptTailSchema,
  labelsSchema,
  lineageSchema,
  onShortageSchema,
  replicaIdSchema,
  siteNameSchema,
  textSchema,
  timeFenceSecondsSchema,
  writePolicySchema,
} from '../core/metadata/schemas.ts';
import type { PeerMessage } from '../core/node/peer-message.ts';
import { ALERT_CODES } from '../core/primitives/alert-code.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { RaftMessage } from '../core/raft/types.ts';
import {
  addressSchema,
  brokerSetMessageSchemas,
  brokerSetRequestSchema,
  millisecondsSchema,
  termSchema,
  testimonySchema,
} from './peer-broker-set-schemas.ts';

const voteSchema = { term: countSchema, lastIndex: countSchema, lastTerm: countSchema };
const snapshotMetaSchema = z.looseObject({ index: countSchema, term: countSchema });

/** Consensus messages that travel as JSON; the others are binary and never come this way. */
const raftSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('preVote'), ...voteSchema }),
  z.looseObject({ type: z.literal('preVoteReply'), term: countSchema, granted: z.boolean() }),
  z.looseObject({ type: z.literal('vote'), ...voteSchema, transfer: z.boolean() }),
  z.looseObject({ type: z.literal('voteReply'), term: countSchema, granted: z.boolean() }),
  z.looseObject({
    type: z.literal('snapshotReply'),
    term: countSchema,
    snapshot: snapshotMetaSchema,
    receivedBytes: countSchema,
    round: countSchema,
  }),
  z.looseObject({ type: z.literal('timeoutNow'), term: countSchema }),
]) satisfies z.ZodType<RaftMessage>;

const refSchema = { group: groupKeySchema, replica: replicaIdSchema };
const replicaRefSchema = z.looseObject(refSchema) satisfies z.ZodType<ReplicaRef>;

const reportSchema = z.looseObject({
  incarnation: incarnationSchema,
  role: z.enum(['master', 'slave']),
  loading: z.boolean(),
  lineage: lineageSchema,
  secondLineage: lineageSchema.nullable(),
  secondOffset: z.bigint(),
  offset: z.bigint(),
  follows: z
    .looseObject({
      address: addressSchema,
      linkUp: z.boolean(),
      syncing: z.boolean(),
      lastReceivedSecondsAgo: z.number(),
    })
    .nullable(),
  connectedSlaves: countSchema,
  epoch: z.number().nullable(),
}) satisfies z.ZodType<ServerReport>;

const outcomeSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('answered'), answerMs: millisecondsSchema, report: reportSchema }),
  z.looseObject({ kind: z.literal('answeredError'), answerMs: millisecondsSchema, error: z.string() }),
  z.looseObject({ kind: z.literal('disconnected'), error: z.string() }),
  z.looseObject({ kind: z.literal('refused'), error: z.string() }),
  z.looseObject({ kind: z.literal('silent'), waitedMs: millisecondsSchema }),
]) satisfies z.ZodType<ProbeOutcome>;

const observationSchema = z.looseObject({
  ref: replicaRefSchema,
  fresh: z.boolean(),
  outcome: outcomeSchema,
}) satisfies z.ZodType<Observation>;

const producerSchema = z.looseObject({
  syncSetVersion: countSchema,
  timeFence: z.looseObject({ minimumSlaves: countSchema, maximumLagSeconds: countSchema }).nullable(),
});
const membersSchema = z.array(replicaIdSchema).max(LIMITS.replicasPerGroup);

const actionSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('revoke'), killClients: z.boolean(), prepare: z.boolean() }),
  z.looseObject({
    kind: z.literal('promote'),
    epoch: epochSchema,
    expectedIncarnation: incarnationSchema,
    minimumOffset: z.bigint(),
    members: membersSchema,
    producer: producerSchema,
  }),
  z.looseObject({
    kind: z.literal('grant'),
    expectedIncarnation: incarnationSchema,
    members: membersSchema,
    producer: producerSchema.nullable(),
  }),
  z.looseObject({
    kind: z.literal('attach'),
    expectedIncarnation: incarnationSchema,
    masterAddress: addressSchema,
  }),
  z.looseObject({ kind: z.literal('pauseWrites'), forMs: millisecondsSchema }),
  z.looseObject({ kind: z.literal('resumeWrites') }),
  z.looseObject({ kind: z.literal('inspect'), proveWritable: z.boolean().default(false) }),
  z.looseObject({
    kind: z.literal('check'),
    expectedIncarnation: incarnationSchema,
    master: z.looseObject({ members: membersSchema, producer: producerSchema }).nullable(),
    writeFile: z.boolean(),
  }),
  z.looseObject({
    kind: z.literal('keepTail'),
    expectedIncarnation: incarnationSchema,
    lineage: lineageSchema,
    cut: z.bigint(),
    epoch: epochSchema,
  }),
  z.looseObject({ kind: z.literal('release') }),
]) satisfies z.ZodType<SteerAction>;

const steerRequestSchema = z.looseObject({
  steerId: countSchema,
  term: termSchema,
  path: countSchema,
  target: z.looseObject({ ...refSchema, address: addressSchema }),
  action: actionSchema,
}) satisfies z.ZodType<SteerRequest>;

const inspectionSchema = z.looseObject({
  report: reportSchema,
  version: z.string(),
  configFile: z.string().nullable(),
  prepared: z.boolean(),
  keys: z.bigint(),
  persistence: z.enum(['none', 'rdb', 'aof', 'both']),
  watchedBySentinel: z.boolean(),
  problems: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  changes: z.array(z.string()),
}) satisfies z.ZodType<Inspection>;

const serverCheckSchema = z.looseObject({
  findings: z
    .array(
      z.looseObject({
        what: z.string(),
        expected: z.string(),
        found: z.string(),
        mended: z.boolean(),
        advice: z.string(),
      }),
    )
    .max(LIMITS.findingsPerCheck),
  administrators: z.array(z.string()).max(LIMITS.administratorsPerCheck),
  fileWrites: countSchema,
  fileWritten: z.boolean(),
}) satisfies z.ZodType<ServerCheck>;

const steerOutcomeSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('done'), report: reportSchema.nullable() }),
  z.looseObject({ kind: z.literal('inspected'), inspection: inspectionSchema }),
  z.looseObject({ kind: z.literal('checked'), check: serverCheckSchema }),
  z.looseObject({ kind: z.literal('tailKept'), tail: keptTailSchema }),
  z.looseObject({
    kind: z.literal('failed'),
    reason: z.enum(['unreachable', 'mismatch', 'refused', 'superseded']),
    detail: z.string(),
  }),
]) satisfies z.ZodType<SteerOutcome>;

const coordinatorSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('confirm'),
    term: termSchema,
    confirmId: countSchema,
    ref: replicaRefSchema,
    incarnation: incarnationSchema,
  }),
  z.looseObject({
    type: z.literal('confirmReply'),
    term: termSchema,
    confirmId: countSchema,
    ref: replicaRefSchema,
    testimony: testimonySchema,
  }),
  z.looseObject({
    type: z.literal('evidence'),
    observations: z
      .array(z.looseObject({ observation: observationSchema, ageMs: millisecondsSchema }))
      .max(LIMITS.groups * LIMITS.replicasPerGroup),
  }),
  z.looseObject({
    type: z.literal('alerts'),
    term: termSchema,
    alerts: z
      .array(
        z.looseObject({
          group: groupKeySchema,
          code: z.enum(ALERT_CODES),
          replica: replicaIdSchema.nullable(),
          message: z.string(),
          sinceWallMs: z.number(),
        }),
      )
      .max(LIMITS.alertsShared),
  }),
  z.looseObject({ type: z.literal('steer'), broker: brokerKindSchema, request: steerRequestSchema }),
  z.looseObject({
    type: z.literal('steered'),
    result: z.looseObject({
      steerId: countSchema,
      term: termSchema,
      ref: replicaRefSchema,
      outcome: steerOutcomeSchema,
    }),
  }),
  ...brokerSetMessageSchemas,
]) satisfies z.ZodType<CoordinatorMessage>;

const declarationSchema = z.looseObject({
  cluster: clusterNameSchema,
  name: groupNameSchema,
  kind: brokerKindSchema,
  watchOnly: z.boolean(),
  replicas: z.array(declaredReplicaSchema).max(LIMITS.replicasPerGroup),
  preferredMaster: replicaIdSchema.nullable(),
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  timeFenceSeconds: timeFenceSecondsSchema,
  detectionMs: detectionMsSchema,
  cooldownMs: cooldownMsSchema,
  owner: textSchema,
  labels: labelsSchema,
}) satisfies z.ZodType<GroupDeclaration>;

const heartbeatSchema = z.looseObject({
  ...refSchema,
  report: reportSchema,
  ordersSeen: z.string().nullable(),
  holdMs: millisecondsSchema,
}) satisfies z.ZodType<Heartbeat>;

/** A command that is not fit for the log would end the leader that proposes it. */
const commandSchema = z.custom<Command>((value) => checkCommand(value as Command).ok, 'expected a command');
const moveSchema = { group: groupKeySchema, to: replicaIdSchema.nullable(), by: z.string() };

const requestSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('propose'), command: commandSchema, untilApplied: z.boolean().optional() }),
  z.looseObject({ type: z.literal('readBarrier') }),
  z.looseObject({
    type: z.literal('addGroup'),
    declaration: declarationSchema,
    planOnly: z.boolean(),
    proveWritable: z.boolean().optional(),
    by: z.string(),
  }),
  z.looseObject({
    type: z.literal('failover'),
    ...moveSchema,
    unsafe: z.boolean(),
    note: textSchema.optional(),
  }),
  z.looseObject({ type: z.literal('switchover'), ...moveSchema, planOnly: z.boolean() }),
  z.looseObject({
    type: z.literal('drillPlan'),
    kind: drillKindSchema,
    idc: siteNameSchema,
    groups: z.array(groupKeySchema).max(LIMITS.groupsPerNamedDrill).nullable(),
  }),
  z.looseObject({
    type: z.literal('takeGroup'),
    group: groupKeySchema,
    preferredMaster: replicaIdSchema.nullable(),
    planOnly: z.boolean(),
    proveWritable: z.boolean().optional(),
    by: z.string(),
  }),
  z.looseObject({ type: z.literal('removeGroup'), group: groupKeySchema, by: z.string() }),
  z.looseObject({ type: z.literal('assess'), group: groupKeySchema }),
  z.looseObject({ type: z.literal('heartbeat'), heartbeat: heartbeatSchema }),
  z.looseObject({ type: z.literal('brokerSet'), request: brokerSetRequestSchema }),
]) satisfies z.ZodType<ClientRequest>;

/** Nothing is decided upon a reply: it goes to the door that asked. */
const replySchema = z.discriminatedUnion('ok', [
  z.looseObject({
    ok: z.literal(true),
    value: z.looseObject({
      kind: z.enum([
        'committed',
        'current',
        'applied',
        'plan',
        'moveStarted',
        'movePlan',
        'drillPlan',
        'assessment',
        'orders',
      ]),
    }),
  }),
  z.looseObject({
    ok: z.literal(false),
    refusal: z.looseObject({ code: z.string(), message: z.string() }),
  }),
]);

const peerMessageSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('raft'), message: raftSchema }),
  z.looseObject({ kind: z.literal('coordinator'), message: coordinatorSchema }),
  z.looseObject({ kind: z.literal('forward'), forwardId: countSchema, request: requestSchema }),
  z.looseObject({ kind: z.literal('forwardReply'), forwardId: countSchema, reply: replySchema }),
]);

/** Does not compile while a message, a request or a kind is missing above. */
type Listed<All, Known> = Exclude<All, Known> extends never ? true : never;
const everythingIsListed: readonly [
  Listed<PeerMessage['kind'], z.infer<typeof peerMessageSchema>['kind']>,
  Listed<
    Exclude<RaftMessage['type'], 'append' | 'appendReply' | 'snapshotChunk'>,
    z.infer<typeof raftSchema>['type']
  >,
  Listed<CoordinatorMessage['type'], z.infer<typeof coordinatorSchema>['type']>,
  Listed<ClientRequest['type'], z.infer<typeof requestSchema>['type']>,
  Listed<SteerAction['kind'], z.infer<typeof actionSchema>['kind']>,
] = [true, true, true, true, true];
void everythingIsListed;

/** The value itself, if it is a message: a copy made by the schema would only cost time. */
export function checkPeerMessage(
  value: unknown,
): { readonly ok: true; readonly message: PeerMessage } | { readonly ok: false; readonly problem: string } {
  const parsed = peerMessageSchema.safeParse(value);
  if (parsed.success) return { ok: true, message: value as PeerMessage };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    problem: `a message whose ${issue?.path.join('.') || 'kind'} is wrong: ${issue?.message}`,
  };
}
