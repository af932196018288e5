/**
 * The body of a registration as stock brokers write it, letter by letter: names in order, nothing between the marks,
 * nothing to be looked up elsewhere. It is by far the most that a name server reads, thousands of topics alike from every
 * broker whenever one of them changed, and read so it takes a small part of the time that reading any JSON takes.
 *
 * Invariant: what is read so is what reading it as any JSON gives. Whatever differs in a letter is left to that, also to
 * be told what is wrong with it.
 */
import { isUtf8 } from 'node:buffer';
import { TOPIC_FILTER_TYPES, type TopicConfig } from './topic-config.ts';

const LITERAL = {
  noAttributes: Buffer.from('"attributes":{},'),
  attributes: Buffer.from('"attributes":{"'),
  is: Buffer.from('":"'),
  nextAttribute: Buffer.from('","'),
  endOfAttributes: Buffer.from('"},'),
  order: Buffer.from('"order":'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
  perm: Buffer.from(',"perm":'),
  readQueues: Buffer.from(',"readQueueNums":'),
  filterType: Buffer.from(',"topicFilterType":"'),
  name: Buffer.from('","topicName":"'),
  sysFlag: Buffer.from('","topicSysFlag":'),
  writeQueues: Buffer.from(',"writeQueueNums":'),
  open: Buffer.from('":{'),
} as const;
const FILTER_TYPES = TOPIC_FILTER_TYPES.map((type) => [type, Buffer.from(type)] as const);
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const SPACE = 0x20;
const FIRST_OF_MORE_BYTES = 0x80;
/** More of them might be no number of 32 bits. */
const MOST_DIGITS = 9;
const MOST_NAME_BYTES = 255;
/** A name that an object of this language takes for something else is left out by the other way. */
const PROTOTYPE = '__proto__';

const BEFORE_TOPICS =
  /^\{"filterServerList":\[[^\]\\]*\],"topicConfigSerializeWrapper":\{"dataVersion":\{[^{}\\]*\},(?:"mappingDataVersion":\{[^{}\\]*\},)?"topicConfigTable":\{$/;
const TABLE = Buffer.from('"topicConfigTable":{');
/** The lists and versions in front of the topics are shorter. */
const MOST_BYTES_BEFORE = 4096;
/** What, around the topics, might mean them, or take their place. */
const REFERENCE_NAME = '$ref';
const REFERENCE = `"${REFERENCE_NAME}"`;
const SECOND_THOUGHTS = [REFERENCE, '"topicConfigTable"', '"topicConfigSerializeWrapper"', '\\'];

export type StockRegistration = {
  readonly topics: ReadonlyMap<string, TopicConfig>;
  /** The body without its topics, to be read as any JSON. */
  readonly rest: Buffer;
};

/** Null where it is written in another way. */
export function readStockRegistration(body: Buffer): StockRegistration | null {
  const firstAt = firstTopicAt(body);
  if (firstAt === null || !isUtf8(body)) return null;
  const table = new TopicTable(body, firstAt);
  if (!table.read(body.length)) return null;
  const behind = body.subarray(table.at);
  if (SECOND_THOUGHTS.some((word) => behind.includes(word))) return null;
  return { topics: table.topics, rest: Buffer.concat([body.subarray(0, firstAt), behind]) };
}

/** Where the topics begin; null where something in front of them is written in another way. */
export function firstTopicAt(body: Buffer): number | null {
  const tableAt = body.subarray(0, MOST_BYTES_BEFORE).indexOf(TABLE);
  if (tableAt < 0) return null;
  const before = body.subarray(0, tableAt + TABLE.length);
  return BEFORE_TOPICS.test(before.toString('latin1')) && !before.includes(REFERENCE) ? before.length : null;
}

export class TopicTable {
  readonly topics = new Map<string, TopicConfig>();
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /**
   * Up to the mark that ends the table, or to the end of the topic with which `until` is reached. False where something is
   * written in another way.
   */
  read(until: number): boolean {
    if (this.#bytes[this.#at] === CLOSE) return true;
    while (this.#topic()) {
      const mark = this.#bytes[this.#at];
      if (mark === CLOSE || this.#at >= until) return true;
      if (mark !== COMMA) return false;
      this.#at += 1;
    }
    return false;
  }

  #topic(): boolean {
    if (this.#bytes[this.#at] !== QUOTE) return false;
    const from = this.#at + 1;
    const isAscii = this.#skipText(from);
    const to = this.#at;
    if (isAscii === null || to === from || to - from > MOST_NAME_BYTES || !this.#takes(LITERAL.open))
      return false;
    const attributes = this.#attributes();
    if (attributes === null || !this.#takes(LITERAL.order)) return false;
    const order = this.#takes(LITERAL.true);
    if (!order && !this.#takes(LITERAL.false)) return false;
    const perm = this.#numberBehind(LITERAL.perm);
    const readQueueNums = this.#numberBehind(LITERAL.readQueues);
    if (!this.#takes(LITERAL.filterType)) return false;
    const topicFilterType = FILTER_TYPES.find(([, letters]) => this.#takes(letters))?.[0];
    if (topicFilterType === undefined || !this.#takes(LITERAL.name)) return false;
    const calledFrom = this.#at;
    if (this.#skipText(calledFrom) === null || this.#at - calledFrom > MOST_NAME_BYTES) return false;
    const topicSysFlag = this.#numberBehind(LITERAL.sysFlag);
    const writeQueueNums = this.#numberBehind(LITERAL.writeQueues);
    if (perm < 0 || readQueueNums < 0 || topicSysFlag < 0 || writeQueueNums < 0) return false;
    if (this.#bytes[this.#at] !== CLOSE) return false;
    this.#at += 1;
    const topicName = this.#bytes.toString(isAscii ? 'latin1' : 'utf8', from, to);
    if (topicName === PROTOTYPE) return false;
    this.topics.set(topicName, {
      topicName,
      readQueueNums,
      writeQueueNums,
      perm,
      topicFilterType,
      topicSysFlag,
      order,
      attributes,
    });
    return true;
  }

  /** Of release 5; null where they are no plain texts, or a reference to those of another topic. */
  #attributes(): ReadonlyMap<string, string> | null {
    if (this.#takes(LITERAL.noAttributes) || !this.#takes(LITERAL.attributes)) return NO_ATTRIBUTES;
    const attributes = new Map<string, string>();
    do {
      const name = this.#text();
      const value = name === null || !this.#takes(LITERAL.is) ? null : this.#text();
      if (name === null || value === null || name === PROTOTYPE || name === REFERENCE_NAME) return null;
      attributes.set(name, value);
    } while (this.#takes(LITERAL.nextAttribute));
    return this.#takes(LITERAL.endOfAttributes) ? attributes : null;
  }

  /** From here to the quote that ends it. */
  #text(): string | null {
    const from = this.#at;
    return this.#skipText(from) === null ? null : this.#bytes.toString('utf8', from, this.#at);
  }

  /** Goes on to the quote that ends the text; whether it is of ASCII, and null where it is not a plain one. */
  #skipText(from: number): boolean | null {
    const bytes = this.#bytes;
    let isAscii = true;
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at;
        return isAscii;
      }
      if (byte === BACKSLASH || byte < SPACE) return null;
      if (byte >= FIRST_OF_MORE_BYTES) isAscii = false;
    }
    return null;
  }

  #takes(literal: Buffer): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let position = 0; position < literal.length; position += 1)
      if (bytes[at + position] !== literal[position]) return false;
    this.#at = at + literal.length;
    return true;
  }

  /** Negative where there is none. */
  #numberBehind(literal: Buffer): number {
    if (!this.#takes(literal)) return -1;
    const bytes = this.#bytes;
    const from = this.#at;
    let value = 0;
    let at = from;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte < ZERO || byte > NINE) break;
      value = value * 10 + (byte - ZERO);
    }
    const digits = at - from;
    if (digits === 0 || digits > MOST_DIGITS) return -1;
    this.#at = at;
    return value;
  }
}
