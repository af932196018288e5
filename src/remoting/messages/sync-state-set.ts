/** The ids of the brokers that hold every acknowledged message, and the number of the change that made it so. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { parseBody } from '../parse.ts';
import { listOf } from './tables.ts';

export type SyncStateSet = {
  readonly syncStateSet: readonly number[];
  readonly syncStateSetEpoch: number;
};

const ID = 'the id of a broker';

export const idsSchema = listOf(z.int(ID).min(0, ID), REMOTING_LIMITS.brokersPerSet);

const schema = z.object(
  { syncStateSet: idsSchema, syncStateSetEpoch: z.int32('an epoch').default(0) },
  'a sync state set',
);

export const decodeSyncStateSet = (body: Buffer): Read<SyncStateSet> => parseBody(schema, body);

export const encodeSyncStateSet = ({ syncStateSet, syncStateSetEpoch }: SyncStateSet): Buffer =>
  jsonBody({ syncStateSet, syncStateSetEpoch });
