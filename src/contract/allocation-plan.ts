/**
 * What the stock allocation strategies would give the consumers of a group of a RocketMQ topic, by the routes that each
 * of them gets here: queues that nobody would read, and queues that two would read. Nothing is stored.
 */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { brokerNameSchema, rocketmqTopicSchema } from './broker-names.ts';
import { topicNearRuleSchema } from './broker-sets.ts';
import { countSchema, knownNameSchema, nameSchema } from './scalars.ts';

const clientIdSchema = z.string().min(1).max(LIMITS.opaqueCharacters);

export const stockStrategySchema = z.enum([
  'AVG',
  'AVG_BY_CIRCLE',
  'MACHINE_ROOM',
  'MACHINE_ROOM_NEARBY-AVG',
  'MACHINE_ROOM_NEARBY-AVG_BY_CIRCLE',
]);

export const allocationPlanRequestSchema = z.strictObject({
  topic: rocketmqTopicSchema,
  consumers: z
    .array(
      z.strictObject({
        /** As RocketMQ knows it, such as 10.1.0.5@4711#1. */
        clientId: clientIdSchema,
        /** Null: nobody knows where it stands. */
        idc: nameSchema.nullable().default(null),
        /** It runs with `rocketmq.zone.mode=true`. */
        zoneMode: z.boolean().default(false),
      }),
    )
    .max(LIMITS.consumersPerAllocationPlan),
  strategy: stockStrategySchema.default('AVG'),
  /** The rule that is thought of; the one in force where it is left out. */
  near: topicNearRuleSchema.optional(),
  /** Of the MACHINE_ROOM_NEARBY strategies: the IDC that the resolver names; that of the master where it is left out. */
  rooms: z
    .array(z.strictObject({ set: brokerNameSchema, idc: nameSchema }))
    .max(LIMITS.groupsPerTopic)
    .default([]),
  /** Of MACHINE_ROOM: the IDCs whose queues (`IDC@name`) are read; a consumer's own where it is left out. */
  consumerIdcs: z.array(nameSchema).max(LIMITS.groupsPerTopic).optional(),
});

const plannedQueueSchema = z.object({ set: knownNameSchema, queue: countSchema });

export const allocationPlanAnswerSchema = z.object({
  topic: z.string(),
  strategy: stockStrategySchema,
  near: topicNearRuleSchema,
  /** True: every queue has exactly one owner, whichever broker each consumer asks for the others of its group. */
  sound: z.boolean(),
  stale: z.boolean(),
  /** Readable queues of the topic. */
  queues: countSchema,
  consumers: z.array(
    z.object({
      clientId: z.string(),
      idc: knownNameSchema.nullable(),
      zoneMode: z.boolean(),
      /** Broker sets of its route; empty where it gets none. */
      route: z.array(knownNameSchema),
      fellBack: z.boolean(),
      /** Why its route is refused. */
      refusal: z.string().nullable(),
      /** One for each set of consumers that it may be told of, by the broker that it happens to ask. */
      allocations: z.array(
        z.object({
          /** Broker sets whose answer leads to it. */
          asked: z.array(knownNameSchema),
          /** Consumers that are registered there. */
          members: countSchema,
          queues: z.array(plannedQueueSchema),
        }),
      ),
    }),
  ),
  /** Queues that nobody reads: always, or if the consumers happen to ask the wrong brokers. */
  orphans: z.array(plannedQueueSchema.extend({ always: z.boolean() })),
  /** Queues that several read at once. */
  doubleOwned: z.array(plannedQueueSchema.extend({ always: z.boolean(), owners: z.array(z.string()) })),
});

export type AllocationPlanAnswer = z.infer<typeof allocationPlanAnswerSchema>;
