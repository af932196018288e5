/**
 * RocketMQ's part of the snapshot. Topics are its bulk: a tier of 5,000 topics on 50 broker sets has 250,000 places of
 * few kinds, so a kind is written once, and a topic as the numbers of its kinds.
 */
import { z } from 'zod';
import { must } from '../primitives/assert.ts';
import { groupName } from '../primitives/identifiers.ts';
import {
  brokerAddressSchema,
  brokerCandidateSchema,
  brokerSetPolicySchema,
  controllerIdSchema,
  dataVersionSchema,
  electionReasonSchema,
  masterEpochSchema,
  setQueuesSchema,
  siteOrNoneSchema,
  staticQueuesSchema,
  syncStateSetSchema,
  topicNearSchema,
} from './broker-set-schemas.ts';
import type { SetQueues } from './broker-set-state.ts';
import {
  clusterNameSchema,
  countSchema,
  detectionMsSchema,
  groupKeySchema,
  groupNameSchema,
  historyEvidenceSchema,
  offsetSchema,
  onShortageSchema,
  recordIdSchema,
  textSchema,
  wallMsSchema,
} from './schemas.ts';
import type { MutableMetadata } from './store.ts';

const brokerSchema = z.strictObject({
  id: controllerIdSchema,
  address: z.string(),
  haAddress: z.string().nullable(),
  site: siteOrNoneSchema,
  registerCheckCode: z.string().nullable(),
});

const brokerSetSchema = z.strictObject({
  key: groupKeySchema,
  cluster: clusterNameSchema,
  name: groupNameSchema,
  brokers: z.array(brokerSchema),
  nextBrokerId: countSchema,
  master: controllerIdSchema.nullable(),
  masterEpoch: masterEpochSchema,
  syncStateSet: syncStateSetSchema,
  syncStateSetEpoch: countSchema,
  unproven: z.boolean(),
  policy: brokerSetPolicySchema,
  onShortage: onShortageSchema,
  degraded: z.boolean(),
  detectionMs: detectionMsSchema,
});

const brokerSetRecordSchema = z.strictObject({
  id: recordIdSchema,
  name: groupNameSchema,
  cluster: clusterNameSchema,
  reason: electionReasonSchema,
  masterEpoch: masterEpochSchema,
  from: controllerIdSchema.nullable(),
  to: controllerIdSchema.nullable(),
  by: textSchema,
  unsafe: z.boolean(),
  evidence: z.array(historyEvidenceSchema),
  candidates: z.array(brokerCandidateSchema),
  predictedLossBytes: offsetSchema.nullable(),
  steps: z.array(z.strictObject({ step: z.string(), wallMs: wallMsSchema, detail: z.string() })),
  wallMs: wallMsSchema,
});

const registrationSchema = z.strictObject({
  cluster: clusterNameSchema,
  name: groupNameSchema,
  address: brokerAddressSchema,
  brokerId: countSchema.nullable(),
  haAddress: z.string(),
  site: siteOrNoneSchema,
  zone: z.string().nullable(),
  version: countSchema,
  timeoutMs: countSchema,
  dataVersion: dataVersionSchema,
  complete: z.boolean(),
});

const namedSetSchema = z.strictObject({
  cluster: clusterNameSchema,
  name: groupNameSchema,
  addresses: z.array(z.tuple([countSchema, brokerAddressSchema])),
  enableActingMaster: z.boolean(),
  writePermission: z.enum(['asRegistered', 'wiped', 'added']),
  topics: countSchema,
});

/** Members of the snapshot's own schema. */
export const brokerSetSnapshotShape = {
  brokerSets: z.array(brokerSetSchema),
  brokerSetHistory: z.array(brokerSetRecordSchema),
  registrations: z.array(registrationSchema),
  namedSets: z.array(namedSetSchema),
  topicQueues: z.strictObject({
    kinds: z.array(setQueuesSchema),
    places: z.array(z.tuple([z.string(), z.array(countSchema)])),
  }),
  staticTopics: z.array(z.tuple([z.string(), z.array(staticQueuesSchema)])),
  topicNears: z.array(z.tuple([z.string(), topicNearSchema])),
  namespaces: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.string()]))])),
  brokersRevision: countSchema,
};

const snapshotPartSchema = z.strictObject(brokerSetSnapshotShape);
type SnapshotPart = z.infer<typeof snapshotPartSchema>;
type StatePart = Pick<MutableMetadata, keyof SnapshotPart>;

const byKey = <Value>([one]: readonly [string, Value], [other]: readonly [string, Value]): number =>
  one < other ? -1 : 1;
const byNumber = <Value>([one]: readonly [number, Value], [other]: readonly [number, Value]): number =>
  one - other;

const kindKey = (queues: SetQueues): string =>
  `${queues.name}/${queues.readQueues}/${queues.writeQueues}/${queues.permission}/${queues.sysFlag}`;

/** Kinds in an order of their own, so that equal states are equal bytes; most equal ones are one object. */
function encodeTopicQueues(topicQueues: StatePart['topicQueues']): SnapshotPart['topicQueues'] {
  const keys = new Map<SetQueues, string>();
  for (const places of topicQueues.values()) {
    for (const queues of places) if (!keys.has(queues)) keys.set(queues, kindKey(queues));
  }
  const distinct = new Map([...keys].map(([queues, key]) => [key, queues] as const));
  const ordered = [...distinct].sort(byKey);
  const numbers = new Map(ordered.map(([key], number) => [key, number] as const));
  const numberOf = new Map([...keys].map(([queues, key]) => [queues, numbers.get(key) ?? 0] as const));
  return {
    kinds: ordered.map(([, queues]) => queues),
    places: [...topicQueues]
      .sort(byKey)
      .map(([topic, places]) => [topic, places.map((queues) => numberOf.get(queues) ?? 0)]),
  };
}

function restoreTopicQueues({ kinds, places }: SnapshotPart['topicQueues']): StatePart['topicQueues'] {
  const kindOf = (number: number): SetQueues =>
    must(kinds[number], `the snapshot lacks queue kind ${number}`);
  return new Map(places.map(([topic, numbers]) => [topic, numbers.map(kindOf)]));
}

export function encodeBrokerSets(store: StatePart): Record<keyof SnapshotPart, unknown> {
  return {
    brokerSets: [...store.brokerSets].sort(byKey).map(([, set]) => ({
      ...set,
      brokers: [...set.brokers].sort(byNumber).map(([, broker]) => broker),
    })),
    brokerSetHistory: [...store.brokerSetHistory],
    registrations: [...store.registrations].sort(byKey).map(([, registration]) => registration),
    namedSets: [...store.namedSets].sort(byKey).map(([, set]) => ({
      ...set,
      addresses: [...set.addresses].sort(byNumber),
    })),
    topicQueues: encodeTopicQueues(store.topicQueues),
    staticTopics: [...store.staticTopics].sort(byKey),
    topicNears: [...store.topicNears].sort(byKey),
    namespaces: [...store.namespaces].sort(byKey).map(([name, pairs]) => [name, [...pairs].sort(byKey)]),
    brokersRevision: store.brokersRevision,
  };
}

export function restoreBrokerSets(part: SnapshotPart): StatePart {
  return {
    brokerSets: new Map(
      part.brokerSets.map((set) => [
        groupName(set.name),
        { ...set, brokers: new Map(set.brokers.map((broker) => [broker.id, broker])) },
      ]),
    ),
    brokerSetHistory: part.brokerSetHistory,
    registrations: new Map(part.registrations.map((one) => [one.address, one])),
    namedSets: new Map(
      part.namedSets.map((set) => [groupName(set.name), { ...set, addresses: new Map(set.addresses) }]),
    ),
    topicQueues: restoreTopicQueues(part.topicQueues),
    staticTopics: new Map(part.staticTopics),
    topicNears: new Map(part.topicNears),
    namespaces: new Map(part.namespaces.map(([name, pairs]) => [name, new Map(pairs)])),
    brokersRevision: part.brokersRevision,
  };
}
