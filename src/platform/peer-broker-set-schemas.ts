/** What messages and requests of RocketMQ broker sets between nodes must look like; see peer-schemas.ts. */
import { z } from 'zod';
import type { BrokerSetRequest } from '../core/coordinator/broker-sets/broker-set-request.ts';
import type { BrokerSetMessage } from '../core/coordinator/broker-sets/messages.ts';
import type { BrokerAnswer, BrokerAsk } from '../core/coordinator/broker-sets/rocketmq-port.ts';
import type { Testimony } from '../core/liveness/testimony.ts';
import { clusterNameSchema, countSchema, groupNameSchema, siteNameSchema } from '../core/metadata/schemas.ts';
import { type Term, term } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';

export const termSchema: z.ZodType<Term> = countSchema.transform((value) => term(value));
export const millisecondsSchema = z.number().min(0);
export const addressSchema = z.string().max(LIMITS.opaqueCharacters);

export const testimonySchema = z.looseObject({
  site: siteNameSchema,
  verdict: z.enum(['dead', 'alive', 'abstain', 'neverReached']),
  ground: z.enum(['answer', 'receipt', 'links', 'otherProcess', 'refusal', 'silence']).optional(),
  detail: z.string(),
  brokerSiteHeard: z.boolean().optional(),
}) satisfies z.ZodType<Testimony>;

const nameSchema = { cluster: clusterNameSchema, name: groupNameSchema };
const brokerRefSchema = z.looseObject({ ...nameSchema, address: addressSchema });
const idsSchema = z.array(countSchema).max(LIMITS.brokersPerSet);

const askSchema = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('probe') }),
  z.looseObject({
    kind: z.literal('changeRole'),
    masterAddress: addressSchema.nullable(),
    masterBrokerId: countSchema.nullable(),
    masterEpoch: countSchema,
    syncStateSet: idsSchema,
    syncStateSetEpoch: countSchema,
  }),
]) satisfies z.ZodType<BrokerAsk>;

const epochSchema = z.looseObject({ epoch: z.number(), startOffset: z.bigint(), endOffset: z.bigint() });

const answerSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('answered'),
    answerMs: millisecondsSchema,
    epochs: z.array(epochSchema).max(LIMITS.brokerEpochs).nullable(),
    maxOffset: z.bigint().nullable(),
    brokerId: z.number().nullable(),
    brokerName: z.string().nullable(),
  }),
  z.looseObject({ kind: z.literal('acknowledged') }),
  z.looseObject({ kind: z.literal('answeredError'), code: z.number(), remark: z.string() }),
  z.looseObject({ kind: z.literal('refused'), error: z.string() }),
  z.looseObject({ kind: z.literal('disconnected'), error: z.string() }),
  z.looseObject({ kind: z.literal('silent'), waitedMs: millisecondsSchema }),
]) satisfies z.ZodType<BrokerAnswer>;

const confirmSchema = { term: termSchema, confirmId: countSchema, broker: brokerRefSchema };
const questionSchema = { term: termSchema, askId: countSchema };

export const brokerSetMessageSchemas = [
  z.looseObject({ type: z.literal('confirmBroker'), ...confirmSchema }),
  z.looseObject({ type: z.literal('confirmBrokerReply'), ...confirmSchema, testimony: testimonySchema }),
  z.looseObject({
    type: z.literal('askBroker'),
    ...questionSchema,
    address: addressSchema,
    ask: askSchema,
    timeoutMs: millisecondsSchema,
  }),
  z.looseObject({ type: z.literal('brokerAnswered'), ...questionSchema, answer: answerSchema }),
  z.looseObject({
    type: z.literal('brokersSeen'),
    brokers: z
      .array(z.looseObject({ ...brokerRefSchema.shape, ageMs: millisecondsSchema, closed: z.boolean() }))
      .max(LIMITS.brokersSeenAtOnce),
  }),
] as const satisfies readonly z.ZodType<BrokerSetMessage>[];

export const brokerSetRequestSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('electMaster'),
    ...nameSchema,
    brokerId: countSchema.nullable(),
    designated: z.boolean(),
    unsafe: z.boolean(),
    by: z.string().max(LIMITS.textCharacters),
  }),
  z.looseObject({
    kind: z.literal('alterSyncStateSet'),
    ...nameSchema,
    masterBrokerId: countSchema,
    masterEpoch: countSchema,
    syncStateSet: idsSchema,
    syncStateSetEpoch: countSchema,
  }),
]) satisfies z.ZodType<BrokerSetRequest>;
