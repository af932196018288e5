/** Lists of topics: 206 of all, 224 of a cluster, 304 of the system, 311 to 313 of units. Only 224 has a field. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { headerCodec, name, parseBody } from '../parse.ts';
import { listOf } from './tables.ts';

export const topicsByClusterRequest = headerCodec(z.object({ cluster: name }));

export type TopicList = {
  readonly topicList: readonly string[];
  /** Of any broker, for the tools that ask 304 and go on there. */
  readonly brokerAddr: string | null;
};

const schema = z.object(
  {
    topicList: listOf(z.string('a name')),
    brokerAddr: z
      .string('an address')
      .nullish()
      .transform((value) => value ?? null),
  },
  'a list of topics',
);

export const decodeTopicList = (body: Buffer): Read<TopicList> => parseBody(schema, body);

export const encodeTopicList = ({ brokerAddr, topicList }: TopicList): Buffer =>
  jsonBody({ ...(brokerAddr === null ? {} : { brokerAddr }), topicList });
