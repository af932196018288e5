/**
 * The compressed body of a registration: one zlib stream of texts behind their lengths. First the data version, then
 * each topic as words with spaces between them, then the filter servers, and from release 5 on the mappings of static
 * topics. It loses the flags and the order of a topic.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { damaged, type Read, read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { parseBody } from '../parse.ts';
import { utf8Of } from '../utf8.ts';
import { dataVersionJson, dataVersionSchema } from './data-version.ts';
import type { RegisterBrokerBody } from './registered-topics.ts';
import { listOf, tableJson, tableOf } from './tables.ts';
import { TOPIC_DEFAULTS, TOPIC_FILTER_TYPES, type TopicConfig } from './topic-config.ts';
import {
  type TopicQueueMapping,
  topicQueueMappingJson,
  topicQueueMappingSchema,
} from './topic-queue-mapping.ts';

/** First byte of every zlib stream with a window of 32 KiB, and of no JSON. */
const ZLIB = 0x78;
const LENGTH_BYTES = 4;

export const isCompressed = (body: Buffer): boolean => body[0] === ZLIB;

function inflate(body: Buffer): Read<Buffer> {
  try {
    return read(inflateSync(body, { maxOutputLength: REMOTING_LIMITS.inflatedBytes }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return damaged(`a zlib stream of at most ${REMOTING_LIMITS.inflatedBytes} bytes`, reason);
  }
}

/** Walks along texts behind their lengths. */
class Texts {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** How many texts follow. */
  count(of: string): Read<number> {
    const left = this.#bytes.length - this.#at - LENGTH_BYTES;
    const count = left < 0 ? -1 : this.#bytes.readInt32BE(this.#at);
    if (count < 0 || count * LENGTH_BYTES > left) return damaged(`a number of ${of}`, `${count}`);
    this.#at += LENGTH_BYTES;
    return read(count);
  }

  next(what: string): Read<Buffer> {
    const left = this.#bytes.length - this.#at - LENGTH_BYTES;
    const length = left < 0 ? -1 : this.#bytes.readInt32BE(this.#at);
    if (length < 0 || length > left)
      return damaged(`${what} of at most ${Math.max(left, 0)} bytes`, `${length}`);
    const from = this.#at + LENGTH_BYTES;
    this.#at = from + length;
    return read(this.#bytes.subarray(from, this.#at));
  }
}

const WORDS = /^([^ ]{1,255}) (\d{1,9}) (\d{1,9}) (\d{1,9}) (\w{1,32})(?: (.*))?$/s;
const attributesSchema = tableOf(z.string('a text'));

function decodeTopic(bytes: Buffer): Read<TopicConfig> {
  const text = utf8Of(bytes) ?? '';
  const [, topicName, readQueues, writeQueues, perm, filterType, attributesText = ''] =
    WORDS.exec(text) ?? [];
  if (topicName === undefined) return damaged('a topic, its queues, permissions and filter type', text);
  const attributes = parseBody(attributesSchema, Buffer.from(attributesText.trim() || '{}'));
  if (attributes.kind === 'damaged') return attributes;
  return read({
    topicName,
    readQueueNums: Number(readQueues),
    writeQueueNums: Number(writeQueues),
    perm: Number(perm),
    topicFilterType: TOPIC_FILTER_TYPES.find((type) => type === filterType) ?? 'SINGLE_TAG',
    topicSysFlag: TOPIC_DEFAULTS.topicSysFlag,
    order: false,
    attributes: attributes.value,
  });
}

function decodeTopics(texts: Texts): Read<ReadonlyMap<string, TopicConfig>> {
  const count = texts.count('topics');
  if (count.kind === 'damaged') return count;
  const topics = new Map<string, TopicConfig>();
  for (let at = 0; at < count.value; at += 1) {
    const bytes = texts.next('a topic');
    const topic = bytes.kind === 'damaged' ? bytes : decodeTopic(bytes.value);
    if (topic.kind === 'damaged') return topic;
    topics.set(topic.value.topicName, topic.value);
  }
  return read(topics);
}

/** Release 4 ends before them. */
function decodeMappings(texts: Texts): Read<ReadonlyMap<string, TopicQueueMapping>> {
  const mappings = new Map<string, TopicQueueMapping>();
  if (texts.isAtEnd) return read(mappings);
  const count = texts.count('mappings');
  if (count.kind === 'damaged') return count;
  for (let at = 0; at < count.value; at += 1) {
    const bytes = texts.next('a mapping');
    const mapping = bytes.kind === 'damaged' ? bytes : parseBody(topicQueueMappingSchema, bytes.value);
    if (mapping.kind === 'damaged') return mapping;
    mappings.set(mapping.value.topic, mapping.value);
  }
  return read(mappings);
}

export function decodeCompressed(body: Buffer): Read<RegisterBrokerBody> {
  const inflated = inflate(body);
  if (inflated.kind === 'damaged') return inflated;
  const texts = new Texts(inflated.value);
  const versionBytes = texts.next('a data version');
  const dataVersion =
    versionBytes.kind === 'damaged' ? versionBytes : parseBody(dataVersionSchema, versionBytes.value);
  if (dataVersion.kind === 'damaged') return dataVersion;
  const topics = decodeTopics(texts);
  if (topics.kind === 'damaged') return topics;
  const serverBytes = texts.next('filter servers');
  const servers =
    serverBytes.kind === 'damaged' ? serverBytes : parseBody(listOf(z.string('a text')), serverBytes.value);
  if (servers.kind === 'damaged') return servers;
  const mappings = decodeMappings(texts);
  if (mappings.kind === 'damaged') return mappings;
  return read({
    dataVersion: dataVersion.value,
    topicConfigTable: topics.value,
    topicQueueMappingInfoMap: mappings.value,
    filterServerList: servers.value,
  });
}

function lengthOf(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES);
  bytes.writeInt32BE(count);
  return bytes;
}

const withLength = (bytes: Buffer): Buffer => Buffer.concat([lengthOf(bytes.length), bytes]);

const topicText = (topic: TopicConfig): Buffer =>
  Buffer.concat([
    Buffer.from(
      `${topic.topicName} ${topic.readQueueNums} ${topic.writeQueueNums} ${topic.perm} ${topic.topicFilterType} `,
    ),
    jsonBody(tableJson(topic.attributes, (value) => value)),
  ]);

/** As release 5 writes it. */
export function encodeCompressed(body: RegisterBrokerBody): Buffer {
  const { dataVersion, filterServerList, topicConfigTable, topicQueueMappingInfoMap } = body;
  return deflateSync(
    Buffer.concat([
      withLength(jsonBody(dataVersionJson(dataVersion))),
      lengthOf(topicConfigTable.size),
      ...[...topicConfigTable.values()].map((topic) => withLength(topicText(topic))),
      withLength(jsonBody(filterServerList)),
      lengthOf(topicQueueMappingInfoMap.size),
      ...[...topicQueueMappingInfoMap.values()].map((mapping) =>
        withLength(jsonBody(topicQueueMappingJson(mapping))),
      ),
    ]),
  );
}
