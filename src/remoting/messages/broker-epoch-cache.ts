/**
 * The body of a broker's answer to 1007, a request without fields: which epochs its log has, and how far it goes. Read
 * there and then: newer than any heartbeat. Offsets are bigints, the open end of the last epoch is the largest of them.
 */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { parseBody } from '../parse.ts';
import { offset } from './numbers.ts';
import { listOf } from './tables.ts';

export type EpochEntry = {
  readonly epoch: number;
  readonly startOffset: bigint;
  readonly endOffset: bigint;
};

export type BrokerEpochCache = {
  readonly clusterName: string;
  readonly brokerName: string;
  /** 0 where the broker is master, whatever id it has else. */
  readonly brokerId: number;
  readonly epochList: readonly EpochEntry[];
  readonly maxOffset: bigint;
};

/** Where the last epoch of a log ends: nowhere yet. */
export const OPEN_END = 2n ** 63n - 1n;

const entrySchema = z.object(
  { epoch: z.int32('an epoch'), startOffset: offset, endOffset: offset },
  'an epoch and its offsets',
);

const schema = z.object(
  {
    clusterName: z.string('a name'),
    brokerName: z.string('a name'),
    brokerId: z.int('the id of a broker'),
    epochList: listOf(entrySchema, REMOTING_LIMITS.epochsPerBroker),
    maxOffset: offset,
  },
  'the epochs of a broker',
);

export const decodeBrokerEpochCache = (body: Buffer): Read<BrokerEpochCache> => parseBody(schema, body);

export const encodeBrokerEpochCache = (cache: BrokerEpochCache): Buffer =>
  jsonBody({
    brokerId: cache.brokerId,
    brokerName: cache.brokerName,
    clusterName: cache.clusterName,
    epochList: cache.epochList.map(({ endOffset, epoch, startOffset }) => ({
      endOffset,
      epoch,
      startOffset,
    })),
    maxOffset: cache.maxOffset,
  });
