/** 1006, a request without fields: how brokers of some sets stand. Its body is a list of broker names. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { type Json, jsonBody } from '../json-writer.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { parseBody } from '../parse.ts';
import { listOf, tableJson, tableOf } from './tables.ts';

const namesSchema = listOf(z.string('a name'), REMOTING_LIMITS.namesPerQuestion);

export const decodeBrokerNames = (body: Buffer): Read<readonly string[]> => parseBody(namesSchema, body);

export const encodeBrokerNames = (names: readonly string[]): Buffer => jsonBody(names);

export type ReplicaIdentity = {
  readonly brokerName: string;
  readonly brokerId: number;
  readonly brokerAddress: string;
  readonly alive: boolean;
};

export type ReplicasInfo = {
  readonly masterBrokerId: number | null;
  readonly masterAddress: string | null;
  readonly masterEpoch: number;
  readonly syncStateSetEpoch: number;
  readonly inSyncReplicas: readonly ReplicaIdentity[];
  readonly notInSyncReplicas: readonly ReplicaIdentity[];
};

export type BrokerReplicasInfo = { readonly replicasInfoTable: ReadonlyMap<string, ReplicasInfo> };

const identitySchema = z.object(
  {
    brokerName: z.string('a name'),
    brokerId: z.int('the id of a broker'),
    brokerAddress: z.string('an address'),
    alive: z.boolean('true or false').default(false),
  },
  'a broker',
);

const infoSchema = z.object(
  {
    masterBrokerId: z
      .int('the id of a broker')
      .nullish()
      .transform((id) => id ?? null),
    masterAddress: z
      .string('an address')
      .nullish()
      .transform((address) => address ?? null),
    masterEpoch: z.int32('an epoch').default(0),
    syncStateSetEpoch: z.int32('an epoch').default(0),
    inSyncReplicas: listOf(identitySchema),
    notInSyncReplicas: listOf(identitySchema),
  },
  'how a set stands',
);

const schema = z.object({ replicasInfoTable: tableOf(infoSchema) }, 'how broker sets stand');

export const decodeBrokerReplicasInfo = (body: Buffer): Read<BrokerReplicasInfo> => parseBody(schema, body);

const identityJson = (broker: ReplicaIdentity): Json => ({
  alive: broker.alive,
  brokerAddress: broker.brokerAddress,
  brokerId: broker.brokerId,
  brokerName: broker.brokerName,
});

const infoJson = (info: ReplicasInfo): Json => ({
  inSyncReplicas: info.inSyncReplicas.map(identityJson),
  ...(info.masterAddress === null ? {} : { masterAddress: info.masterAddress }),
  ...(info.masterBrokerId === null ? {} : { masterBrokerId: info.masterBrokerId }),
  masterEpoch: info.masterEpoch,
  notInSyncReplicas: info.notInSyncReplicas.map(identityJson),
  syncStateSetEpoch: info.syncStateSetEpoch,
});

export const encodeBrokerReplicasInfo = ({ replicasInfoTable }: BrokerReplicasInfo): Buffer =>
  jsonBody({ replicasInfoTable: tableJson(replicasInfoTable, infoJson) });
