/** The body of 106, a request without fields: all broker sets and clusters. Every broker of release 5 asks every 5 s. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { parseBody } from '../parse.ts';
import { listOf, tableJson, tableOf } from './tables.ts';
import { type BrokerData, brokerDataJson, brokerDataSchema } from './topic-route-data.ts';

export type ClusterInfo = {
  /** By broker name. */
  readonly brokerAddrTable: ReadonlyMap<string, BrokerData>;
  /** Broker names by cluster. */
  readonly clusterAddrTable: ReadonlyMap<string, readonly string[]>;
};

const schema = z.object(
  {
    brokerAddrTable: tableOf(brokerDataSchema),
    clusterAddrTable: tableOf(listOf(z.string('a name'))),
  },
  'the clusters and their broker sets',
);

export const decodeClusterInfo = (body: Buffer): Read<ClusterInfo> => parseBody(schema, body);

export const encodeClusterInfo = (info: ClusterInfo): Buffer =>
  jsonBody({
    brokerAddrTable: tableJson(info.brokerAddrTable, brokerDataJson),
    clusterAddrTable: tableJson(info.clusterAddrTable, (names) => names),
  });
