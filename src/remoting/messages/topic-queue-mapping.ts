/** Which queues of a static topic lie at a broker set. Clients who are told of one take no other queues: only real ones are passed on. */
import { z } from 'zod';
import type { Json } from '../json-writer.ts';
import { numberTableOf, tableJson } from './tables.ts';

export type TopicQueueMapping = {
  readonly topic: string;
  readonly scope: string | null;
  readonly totalQueues: number;
  readonly bname: string;
  readonly epoch: number;
  readonly dirty: boolean;
  /** Queue of the whole topic -> queue of this broker set. */
  readonly currIdMap: ReadonlyMap<number, number>;
};

const orNone = z
  .string('a text')
  .nullish()
  .transform((value) => value ?? null);
const name = z.string('a name');

export const topicQueueMappingSchema = z.object(
  {
    topic: name,
    scope: orNone,
    totalQueues: z.int32('a whole number').default(0),
    bname: name,
    epoch: z.int('a whole number').default(0),
    dirty: z.boolean('true or false').default(false),
    currIdMap: numberTableOf(z.int32('a whole number')),
  },
  'the mapping of a static topic',
);

export const topicQueueMappingJson = (mapping: TopicQueueMapping): Json => ({
  bname: mapping.bname,
  currIdMap: tableJson(mapping.currIdMap, (queue) => queue),
  dirty: mapping.dirty,
  epoch: mapping.epoch,
  ...(mapping.scope === null ? {} : { scope: mapping.scope }),
  topic: mapping.topic,
  totalQueues: mapping.totalQueues,
});
