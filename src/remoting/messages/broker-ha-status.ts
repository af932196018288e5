/** The body of a broker's answer to 907, a request without fields: how its replication stands, as master and as slave. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { parseBody } from '../parse.ts';
import { offset } from './numbers.ts';
import { listOf } from './tables.ts';

const text = z
  .string('a text')
  .nullish()
  .transform((value) => value ?? null);
const isTrue = z.boolean('true or false').default(false);
const longOrZero = offset.default(0n);

const slaveSchema = z.object(
  {
    addr: text,
    slaveAckOffset: longOrZero,
    diff: longOrZero,
    inSync: isTrue,
    transferredByteInSecond: longOrZero,
    transferFromWhere: longOrZero,
  },
  'a slave that replicates',
);

const clientSchema = z.object(
  {
    masterAddr: text,
    transferredByteInSecond: longOrZero,
    maxOffset: longOrZero,
    lastReadTimestamp: longOrZero,
    lastWriteTimestamp: longOrZero,
    masterFlushOffset: longOrZero,
    activated: isTrue,
  },
  'how a slave replicates',
);

const schema = z.object(
  {
    master: isTrue,
    masterCommitLogMaxOffset: longOrZero,
    inSyncSlaveNums: z.int32('a whole number').default(0),
    haConnectionInfo: listOf(slaveSchema),
    haClientRuntimeInfo: clientSchema.nullish().transform((client) => client ?? null),
  },
  'how replication stands',
);

export type BrokerHaStatus = Readonly<z.output<typeof schema>>;

export const decodeBrokerHaStatus = (body: Buffer): Read<BrokerHaStatus> => parseBody(schema, body);

const withoutNulls = <Value extends Readonly<Record<string, bigint | boolean | string | null>>>(
  values: Value,
) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

export const encodeBrokerHaStatus = (status: BrokerHaStatus): Buffer => {
  const { haClientRuntimeInfo, haConnectionInfo } = status;
  return jsonBody({
    ...(haClientRuntimeInfo === null ? {} : { haClientRuntimeInfo: withoutNulls(haClientRuntimeInfo) }),
    haConnectionInfo: haConnectionInfo.map(withoutNulls),
    inSyncSlaveNums: status.inSyncSlaveNums,
    master: status.master,
    masterCommitLogMaxOffset: status.masterCommitLogMaxOffset,
  });
};
