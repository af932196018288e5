/** Plans with brokers as they stand in files. */
import { z } from 'zod';
import type { BrokerFault, BrokerPlan, PlannedStrike } from '../brokers/broker-plan.ts';
import type { FailoverPlan } from './failover-plan.ts';
import { faultSchema, timingSchema, weatherSchema } from './plan-schema.ts';

const durationMs = z.number().min(0);
const share = z.number().min(0).max(1);
const policySchema = z.enum(['async', 'any-one', 'majority', 'cross-idc', 'all']);
const shortageSchema = z.enum(['block', 'degrade']);
const victimSchema = z.union([
  z.enum(['master', 'member', 'nearMember', 'farMember', 'candidate', 'anyServer']),
  z.strictObject({ server: z.string() }),
]);
const count = z.int().min(0);

const brokerFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('killServer'), victim: victimSchema, downMs: durationMs }),
  z.strictObject({ kind: z.literal('stopServer'), victim: victimSchema, forMs: durationMs }),
  z.strictObject({ kind: z.literal('lagReplica'), victim: victimSchema, forMs: durationMs }),
  z.strictObject({
    kind: z.literal('cutBrokers'),
    traffic: z.enum(['steering', 'replication', 'clients']),
    from: z.string(),
    to: z.string(),
    bothWays: z.boolean(),
    forMs: durationMs,
  }),
  z.strictObject({ kind: z.literal('attachByHand'), victim: victimSchema, to: victimSchema }),
  z.strictObject({
    kind: z.literal('failoverByHand'),
    victim: victimSchema,
    to: victimSchema,
    force: z.boolean(),
    timeoutMs: durationMs,
  }),
  z.strictObject({
    kind: z.literal('refuseFresh'),
    victim: victimSchema,
    by: z.enum(['bind', 'maxclients']),
    forMs: durationMs,
  }),
  z.strictObject({ kind: z.literal('switchover'), to: victimSchema.nullable() }),
  z.strictObject({ kind: z.literal('failover'), to: victimSchema.nullable(), unsafe: z.boolean() }),
  z.strictObject({ kind: z.literal('setPolicy'), policy: policySchema, onShortage: shortageSchema }),
  z.strictObject({
    kind: z.literal('setByHand'),
    victim: victimSchema,
    setting: z.string(),
    value: z.string(),
  }),
  z.strictObject({ kind: z.literal('setTimeFence'), timeFenceSeconds: count }),
  z.strictObject({ kind: z.literal('setTimes'), detectionMs: durationMs, cooldownMs: durationMs }),
  z.strictObject({ kind: z.literal('acknowledge') }),
  z.strictObject({ kind: z.literal('evacuate'), idc: z.string(), parallel: count }),
  z.strictObject({ kind: z.literal('returnTo'), idc: z.string(), healthyMs: durationMs }),
  z.strictObject({ kind: z.literal('abortDrill'), idc: z.string() }),
  z.strictObject({
    kind: z.literal('preferIdc'),
    idc: z.string(),
    returnAfterMs: durationMs.nullable(),
  }),
  z.strictObject({
    kind: z.literal('stopAutomatic'),
    where: z.string().default('group'),
    expires: z.boolean().default(false),
    forMs: durationMs,
  }),
]) satisfies z.ZodType<BrokerFault>;

const strikeSchema = z.strictObject({
  atMs: durationMs,
  after: z
    .strictObject({
      moment: z.enum([
        'election',
        'group.fence',
        'group.promote',
        'group.activate',
        'group.changeSyncSet',
        'server.resyncs',
        'server.resynced',
      ]),
      delayMs: durationMs,
    })
    .nullable(),
  strike: z.union([z.strictObject({ world: faultSchema }), z.strictObject({ brokers: brokerFaultSchema })]),
}) satisfies z.ZodType<PlannedStrike>;

const groupSchema = z.strictObject({
  name: z.string(),
  servers: z.array(z.strictObject({ id: z.string(), site: z.string() })),
  policy: policySchema,
  onShortage: shortageSchema,
  timeFenceSeconds: count.default(0),
  detectionMs: durationMs,
  /** Written down before there were cool-downs: none. */
  cooldownMs: durationMs.default(0),
  persistence: z.enum(['none', 'rdb', 'aof']),
  beginning: z.enum(['prepared', 'running']),
});

const brokersSchema = z.strictObject({
  groups: z.array(groupSchema),
  transferMs: durationMs,
  loadMs: durationMs,
  backlogBytes: count,
  lateShare: share,
  lateMs: durationMs,
  witnessReaches: z.boolean(),
  probeIntervalMs: durationMs,
  producers: count,
  naiveWriters: count,
  thinkMs: durationMs,
  waitMs: durationMs,
}) satisfies z.ZodType<BrokerPlan>;

export const failoverPlanSchema = z.strictObject({
  seed: z.int(),
  timing: timingSchema,
  tickIntervalMs: durationMs,
  weather: weatherSchema,
  brokers: brokersSchema,
  faultsMs: durationMs,
  faults: z.array(strikeSchema),
}) satisfies z.ZodType<FailoverPlan>;
