/**
 * Where a topic is: its queues at each broker set, and the addresses of these. The answer to 105, and the body of 217.
 * Clients take lists that are empty as they are and stop: who knows nothing of a topic must say so by a code.
 */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { type Json, jsonBody } from '../json-writer.ts';
import { parseBody } from '../parse.ts';
import { listOf, numberTableOf, tableJson, tableOf } from './tables.ts';
import {
  type TopicQueueMapping,
  topicQueueMappingJson,
  topicQueueMappingSchema,
} from './topic-queue-mapping.ts';

export type BrokerData = {
  readonly cluster: string;
  readonly brokerName: string;
  /** By broker id, 0 for the master. */
  readonly brokerAddrs: ReadonlyMap<number, string>;
  readonly zoneName: string | null;
  readonly enableActingMaster: boolean;
};

export type QueueData = {
  readonly brokerName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  readonly perm: number;
  readonly topicSysFlag: number;
};

export type TopicRouteData = {
  /** `broker-a:4;broker-b:4`; producers take it for all of the queues. */
  readonly orderTopicConf: string | null;
  readonly queueDatas: readonly QueueData[];
  readonly brokerDatas: readonly BrokerData[];
  /** By broker name, for static topics only. */
  readonly topicQueueMappingByBroker: ReadonlyMap<string, TopicQueueMapping> | null;
};

const name = z.string('a name');
const orNone = name.nullish().transform((value) => value ?? null);
const count = z.int32('a whole number').default(0);

export const brokerDataSchema = z.object(
  {
    cluster: name,
    brokerName: name,
    brokerAddrs: numberTableOf(z.string('an address')),
    zoneName: orNone,
    enableActingMaster: z.boolean('true or false').default(false),
  },
  'the data of a broker set',
);

const queueDataSchema = z.object(
  {
    brokerName: name,
    readQueueNums: count,
    writeQueueNums: count,
    perm: count,
    topicSysFlag: count,
  },
  'the queues of a topic at a broker set',
);

const routeSchema = z.object(
  {
    orderTopicConf: orNone,
    queueDatas: listOf(queueDataSchema),
    brokerDatas: listOf(brokerDataSchema),
    topicQueueMappingByBroker: tableOf(topicQueueMappingSchema).transform((table) =>
      table.size === 0 ? null : table,
    ),
  },
  'the route of a topic',
);

export const decodeTopicRouteData = (body: Buffer): Read<TopicRouteData> => parseBody(routeSchema, body);

export const brokerDataJson = (broker: BrokerData): Json => ({
  brokerAddrs: tableJson(broker.brokerAddrs, (address) => address),
  brokerName: broker.brokerName,
  cluster: broker.cluster,
  enableActingMaster: broker.enableActingMaster,
  ...(broker.zoneName === null ? {} : { zoneName: broker.zoneName }),
});

const queueDataJson = (queues: QueueData): Json => ({
  brokerName: queues.brokerName,
  perm: queues.perm,
  readQueueNums: queues.readQueueNums,
  topicSysFlag: queues.topicSysFlag,
  writeQueueNums: queues.writeQueueNums,
});

/** Standard JSON, which every client reads. */
export const encodeTopicRouteData = (route: TopicRouteData): Buffer =>
  jsonBody({
    brokerDatas: route.brokerDatas.map(brokerDataJson),
    filterServerTable: {},
    ...(route.orderTopicConf === null ? {} : { orderTopicConf: route.orderTopicConf }),
    queueDatas: route.queueDatas.map(queueDataJson),
    ...(route.topicQueueMappingByBroker === null
      ? {}
      : { topicQueueMappingByBroker: tableJson(route.topicQueueMappingByBroker, topicQueueMappingJson) }),
  });
