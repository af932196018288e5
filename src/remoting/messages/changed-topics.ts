/**
 * What is another between two registrations of one broker, both as stock brokers write them, of which the earlier one was
 * read: mostly a topic or two among thousands. Of the earlier one no more is kept than checksums of its pieces, counted
 * from the first topic and from behind the last. Everything in front of the first piece that is another, and everything
 * behind the last one, says the same as before and is not read again.
 */
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { firstTopicAt, TopicTable } from './stock-registration.ts';
import type { TopicConfig } from './topic-config.ts';

const PIECE_BYTES = 4096;
/** How a topic ends and the next one begins: the number of its queues, and marks. */
const BETWEEN = Buffer.from('},"');
/** How the last one ends, and all of them. */
const ENDS = Buffer.from('}}');
const CLOSE = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;

/** Checksums of a registration. */
export type TopicPrints = {
  /** Of all topics. */
  readonly bytes: number;
  /** The last piece is what is left. */
  readonly fromStart: Uint32Array;
  /** Whole pieces only. */
  readonly fromEnd: Uint32Array;
  readonly behind: { readonly bytes: number; readonly sum: number };
};

/** Where the topics begin and end; null where that is written in another way. */
function topicsIn(body: Buffer): { readonly first: number; readonly end: number } | null {
  const first = firstTopicAt(body);
  if (first === null) return null;
  if (body[first] === CLOSE) return { first, end: first };
  const endsAt = body.indexOf(ENDS, first);
  return endsAt < 0 ? null : { first, end: endsAt + 1 };
}

const sumOf = (bytes: Buffer, from: number): number => crc32(bytes.subarray(from, from + PIECE_BYTES));

export function topicPrints(body: Buffer): TopicPrints | null {
  const found = topicsIn(body);
  if (found === null) return null;
  const topics = body.subarray(found.first, found.end);
  const bytes = topics.length;
  const behind = body.subarray(found.end);
  const startOf = (_: unknown, piece: number): number => sumOf(topics, piece * PIECE_BYTES);
  const endOf = (_: unknown, piece: number): number => sumOf(topics, bytes - (piece + 1) * PIECE_BYTES);
  return {
    bytes,
    fromStart: Uint32Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, startOf),
    fromEnd: Uint32Array.from({ length: Math.floor(bytes / PIECE_BYTES) }, endOf),
    behind: { bytes: behind.length, sum: crc32(behind) },
  };
}

/**
 * The topics that are new or changed, and some beside them. Null where that cannot be told, because something else than a
 * topic has changed, or is written in another way: the whole body has to be read.
 */
export function changedTopics(before: TopicPrints, after: Buffer): ReadonlyMap<string, TopicConfig> | null {
  const found = topicsIn(after);
  if (found === null) return null;
  const { first, end } = found;
  const behind = after.subarray(end);
  if (behind.length !== before.behind.bytes || crc32(behind) !== before.behind.sum) return null;
  const topics = after.subarray(first, end);
  const shorter = Math.min(before.bytes, topics.length);
  const alike = PIECE_BYTES * alikeAtStart(before, topics, Math.floor(shorter / PIECE_BYTES));
  if (isSame(before, topics, alike)) return new Map();
  const alikeAtEnd = PIECE_BYTES * alikeAtTheEnd(before, topics, Math.floor((shorter - alike) / PIECE_BYTES));
  const from = beginningBefore(after, first, first + alike);
  const table = new TopicTable(after, from);
  const until = end - alikeAtEnd;
  if (!table.read(until) || table.at < until) return null;
  return isUtf8(after.subarray(from, table.at)) ? table.topics : null;
}

/** Pieces, of at most so many. */
function alikeAtStart({ fromStart }: TopicPrints, topics: Buffer, most: number): number {
  let alike = 0;
  while (alike < most && fromStart[alike] === sumOf(topics, alike * PIECE_BYTES)) alike += 1;
  return alike;
}

function alikeAtTheEnd({ fromEnd }: TopicPrints, topics: Buffer, most: number): number {
  const isAlike = (piece: number): boolean =>
    fromEnd[piece] === sumOf(topics, topics.length - (piece + 1) * PIECE_BYTES);
  let alike = 0;
  while (alike < most && isAlike(alike)) alike += 1;
  return alike;
}

/** Nothing is left behind what is alike, but for less than a piece that is alike as well. */
function isSame({ bytes, fromStart }: TopicPrints, topics: Buffer, alike: number): boolean {
  if (bytes !== topics.length || bytes - alike >= PIECE_BYTES) return false;
  return bytes === alike || fromStart.at(-1) === sumOf(topics, alike);
}

/** Where the topic begins in which `at` lies. */
function beginningBefore(body: Buffer, first: number, at: number): number {
  for (let found = at; found > first; found -= 1) {
    found = body.lastIndexOf(BETWEEN, found - 1);
    if (found <= first) return first;
    const digit = body[found - 1] ?? 0;
    // No attributes, `{}`, look alike but for this.
    if (digit >= ZERO && digit <= NINE && found + BETWEEN.length <= at) return found + BETWEEN.length - 1;
  }
  return first;
}
