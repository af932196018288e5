/** Schemas of the values of RocketMQ's broker sets and registrations that commands and snapshots carry. */
import { z } from 'zod';
import { MAX_EPOCH } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { AlikeTopics, StaticTopic } from './broker-set-command.ts';
import type { BrokerCandidate, DataVersion, SetQueues } from './broker-set-state.ts';
import { countSchema, detailSchema, groupNameSchema, offsetSchema, siteNameSchema } from './schemas.ts';

/** RocketMQ's own integers: those of Java. */
const javaIntSchema = z
  .int()
  .min(-(2 ** 31))
  .max(MAX_EPOCH);

/** Id of the controller; 0 exists only in registrations. */
export const controllerIdSchema = z.int().min(1).max(MAX_EPOCH);
export const masterEpochSchema = z.int().min(0).max(MAX_EPOCH);
export const syncStateSetSchema = z.array(controllerIdSchema).max(LIMITS.brokersPerSet);
export const brokerSetPolicySchema = z.enum(['cross-idc', 'all']);
export const topicNearSchema = z.enum(['client', 'prefer', 'strict', 'everywhere']);
export const brokerAddressSchema = z.string().min(1).max(LIMITS.opaqueCharacters);
export const rocketmqTopicSchema = z.string().min(1).max(LIMITS.rocketmqTopicCharacters);
export const siteOrNoneSchema = siteNameSchema.nullable();
export const registerCheckCodeSchema = z.string().min(1).max(LIMITS.opaqueCharacters);

export const dataVersionSchema = z.strictObject({
  stateVersion: z.int(),
  timestamp: z.int(),
  counter: z.int(),
}) satisfies z.ZodType<DataVersion>;

const queueNumbers = {
  readQueues: javaIntSchema,
  writeQueues: javaIntSchema,
  permission: javaIntSchema,
  sysFlag: javaIntSchema,
};

export const setQueuesSchema = z.strictObject({
  name: groupNameSchema,
  ...queueNumbers,
}) satisfies z.ZodType<SetQueues>;

export const alikeTopicsSchema = z.strictObject({
  ...queueNumbers,
  topics: z.array(rocketmqTopicSchema).min(1),
}) satisfies z.ZodType<AlikeTopics>;

const staticPart = {
  scope: z.string().max(LIMITS.opaqueCharacters),
  totalQueues: countSchema,
  epoch: z.int(),
  queues: z
    .array(z.tuple([countSchema, countSchema]))
    .max(LIMITS.staticQueuesPerTopic)
    .readonly(),
};

export const staticTopicSchema = z.strictObject({
  topic: rocketmqTopicSchema,
  ...staticPart,
}) satisfies z.ZodType<StaticTopic>;

export const staticQueuesSchema = z.strictObject({ name: groupNameSchema, ...staticPart });

export const electionReasonSchema = z.enum([
  'firstMaster',
  'adoption',
  'masterLost',
  'masterBack',
  'operator',
  'drill',
  'epochAhead',
]);

export const brokerCandidateSchema = z.strictObject({
  id: controllerIdSchema,
  site: siteOrNoneSchema,
  epoch: z.int().nullable(),
  maxOffset: offsetSchema.nullable(),
  chosen: z.boolean(),
  detail: detailSchema,
}) satisfies z.ZodType<BrokerCandidate>;
