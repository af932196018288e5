/** What a broker says of one topic that it has; what is absent is what Java takes for it. */
import { z } from 'zod';
import type { Json } from '../json-writer.ts';
import { tableJson, tableOf } from './tables.ts';

export const TOPIC_FILTER_TYPES = ['SINGLE_TAG', 'MULTI_TAG'] as const;
export type TopicFilterType = (typeof TOPIC_FILTER_TYPES)[number];

export type TopicConfig = {
  readonly topicName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits: 8 priority, 4 read, 2 write, 1 inherit. */
  readonly perm: number;
  readonly topicFilterType: TopicFilterType;
  /** Bit 0: a unit's topic; bit 1: subscribed to across units. */
  readonly topicSysFlag: number;
  readonly order: boolean;
  readonly attributes: ReadonlyMap<string, string>;
};

export const TOPIC_DEFAULTS = { queues: 16, perm: 6, topicSysFlag: 0 } as const;

const MOST_TOPIC_CHARACTERS = 255;
const COUNT = 'a whole number of 32 bits from 0';

const count = (absent: number) =>
  z
    .int32(COUNT)
    .min(0, COUNT)
    .nullish()
    .transform((value) => value ?? absent);

export const topicConfigSchema = z.object(
  {
    topicName: z.string('a name').max(MOST_TOPIC_CHARACTERS, 'a shorter name').nullish(),
    readQueueNums: count(TOPIC_DEFAULTS.queues),
    writeQueueNums: count(TOPIC_DEFAULTS.queues),
    perm: count(TOPIC_DEFAULTS.perm),
    topicFilterType: z.enum(TOPIC_FILTER_TYPES).catch('SINGLE_TAG'),
    topicSysFlag: count(TOPIC_DEFAULTS.topicSysFlag),
    order: z
      .boolean('true or false')
      .nullish()
      .transform((value) => value ?? false),
    attributes: tableOf(z.string('a text')),
  },
  'the configuration of a topic',
);

export const topicConfigJson = (topic: TopicConfig): Json => ({
  attributes: tableJson(topic.attributes, (value) => value),
  order: topic.order,
  perm: topic.perm,
  readQueueNums: topic.readQueueNums,
  topicFilterType: topic.topicFilterType,
  topicName: topic.topicName,
  topicSysFlag: topic.topicSysFlag,
  writeQueueNums: topic.writeQueueNums,
});
