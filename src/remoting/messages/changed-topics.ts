/**
 * What is another between two registrations of one broker, both as stock brokers write them, of which the earlier one was
 * read: mostly a topic or two among thousands. Everything in front of the difference, and everything behind it, says the
 * same as before, letter by letter, and is not read again.
 */
import { isUtf8 } from 'node:buffer';
import { firstTopicAt, TopicTable } from './stock-registration.ts';
import type { TopicConfig } from './topic-config.ts';

const STEP_BYTES = 4096;
/** How a topic ends and the next one begins: the number of its queues, and marks. */
const BETWEEN = Buffer.from('},"');
const ZERO = 0x30;
const NINE = 0x39;

/**
 * The topics that are new or changed, and a few beside them. Null where that cannot be told, because something else than a
 * topic has changed, or is written in another way: the whole body has to be read.
 */
export function changedTopics(before: Buffer, after: Buffer): ReadonlyMap<string, TopicConfig> | null {
  const [firstBefore, first] = [firstTopicAt(before), firstTopicAt(after)];
  if (firstBefore === null || first === null) return null;
  const alike = commonStart(before.subarray(firstBefore), after.subarray(first));
  if (alike === before.length - firstBefore && alike === after.length - first) return new Map();
  const alikeAtEnd = commonEnd(before.subarray(firstBefore + alike), after.subarray(first + alike));
  const end = after.length - alikeAtEnd;
  const table = new TopicTable(after, beginningBefore(after, first, first + alike));
  const from = table.at;
  if (!table.read(end) || table.at < end) return null;
  return isUtf8(after.subarray(from, table.at)) ? table.topics : null;
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

function commonStart(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  let alike = 0;
  while (alike + STEP_BYTES <= most && isSame(one, alike, other, alike)) alike += STEP_BYTES;
  while (alike < most && one[alike] === other[alike]) alike += 1;
  return alike;
}

function commonEnd(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  let alike = 0;
  while (
    alike + STEP_BYTES <= most &&
    isSame(one, one.length - alike - STEP_BYTES, other, other.length - alike - STEP_BYTES)
  )
    alike += STEP_BYTES;
  while (alike < most && one[one.length - 1 - alike] === other[other.length - 1 - alike]) alike += 1;
  return alike;
}

const isSame = (one: Buffer, at: number, other: Buffer, otherAt: number): boolean =>
  one.compare(other, otherAt, otherAt + STEP_BYTES, at, at + STEP_BYTES) === 0;
