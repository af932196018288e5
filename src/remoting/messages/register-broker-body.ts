/**
 * What a broker registers: all its topics, and the version of them. Plain JSON or compressed; the first byte tells,
 * for the header's word for it cannot be trusted.
 */
import { z } from 'zod';
import { type Read, read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { parseBody } from '../parse.ts';
import { sendsWholeRegistration } from '../versions.ts';
import { decodeCompressed, encodeCompressed, isCompressed } from './compressed-registration.ts';
import { dataVersionJson, dataVersionSchema, NO_DATA_VERSION } from './data-version.ts';
import { NOTHING_REGISTERED, type RegisterBrokerBody } from './registered-topics.ts';
import { readStockRegistration } from './stock-registration.ts';
import { listOf, tableJson, tableOf } from './tables.ts';
import { type TopicConfig, topicConfigJson, topicConfigSchema } from './topic-config.ts';
import { topicQueueMappingJson, topicQueueMappingSchema } from './topic-queue-mapping.ts';

const MOST_TOPIC_CHARACTERS = 255;
const topics = tableOf(topicConfigSchema).transform((table): ReadonlyMap<string, TopicConfig> => {
  const named = new Map<string, TopicConfig>();
  // The key is the name: what a topic calls itself is ignored by name servers.
  for (const [topicName, topic] of table) {
    if (topicName !== '' && topicName.length <= MOST_TOPIC_CHARACTERS)
      named.set(topicName, { ...topic, topicName });
  }
  return named;
});

const wrapperSchema = z.object(
  {
    dataVersion: dataVersionSchema.nullish().transform((version) => version ?? NO_DATA_VERSION),
    topicConfigTable: topics,
    topicQueueMappingInfoMap: tableOf(topicQueueMappingSchema),
  },
  'topics and their version',
);

const bodySchema = z.object(
  {
    topicConfigSerializeWrapper: wrapperSchema
      .nullish()
      .transform((wrapper) => wrapper ?? NOTHING_REGISTERED),
    filterServerList: listOf(z.string('a text')),
  },
  'the body of a registration',
);

/** `version`: of the request. */
export function decodeRegisterBrokerBody(body: Buffer, version: number): Read<RegisterBrokerBody> {
  if (body.length === 0) return read(NOTHING_REGISTERED);
  if (isCompressed(body)) return decodeCompressed(body);
  if (!sendsWholeRegistration(version)) {
    const wrapper = parseBody(wrapperSchema, body);
    return wrapper.kind === 'damaged' ? wrapper : read({ ...NOTHING_REGISTERED, ...wrapper.value });
  }
  const stock = decodeStock(body);
  if (stock !== null) return read(stock);
  const parsed = parseBody(bodySchema, body);
  return parsed.kind === 'damaged' ? parsed : read(bodyOf(parsed.value));
}

const bodyOf = ({
  topicConfigSerializeWrapper,
  filterServerList,
}: z.infer<typeof bodySchema>): RegisterBrokerBody => ({ ...topicConfigSerializeWrapper, filterServerList });

function decodeStock(body: Buffer): RegisterBrokerBody | null {
  const stock = readStockRegistration(body);
  const parsed = stock === null ? null : parseBody(bodySchema, stock.rest);
  if (stock === null || parsed?.kind !== 'read') return null;
  return { ...bodyOf(parsed.value), topicConfigTable: stock.topics };
}

export function encodeRegisterBrokerBody(body: RegisterBrokerBody, compress: boolean): Buffer {
  if (compress) return encodeCompressed(body);
  return jsonBody({
    filterServerList: body.filterServerList,
    topicConfigSerializeWrapper: {
      dataVersion: dataVersionJson(body.dataVersion),
      topicConfigTable: tableJson(body.topicConfigTable, topicConfigJson),
      topicQueueMappingInfoMap: tableJson(body.topicQueueMappingInfoMap, topicQueueMappingJson),
    },
  });
}
