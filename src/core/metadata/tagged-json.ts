/**
 * JSON with bigints, behind a version byte: how commands lie in the log and the state in a snapshot. A bigint is
 * written as `{"$bigint":"123"}`; no object of ours has a key that starts with `$` (the schemas of labels see to it).
 */
import { InvariantError } from '../primitives/assert.ts';

const TAG = '$bigint';
const TAG_TEXT = `"${TAG}"`;
const encoder = new TextEncoder();
// Bytes that are not UTF-8 must not turn into some other text.
const decoder = new TextDecoder('utf-8', { fatal: true });

const tagBigint = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? { [TAG]: value.toString() } : value;

function untagBigint(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(TAG in value)) return value;
  const digits = value[TAG];
  return typeof digits === 'string' && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

/** JSON text of the value, object keys in the order in which they were set. */
export function taggedJson(value: unknown): string {
  // Most values hold no bigint, and a replacer would visit each of their members; the writer refuses the others.
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, tagBigint);
  }
}

function inKeyOrder(value: unknown): unknown {
  if (typeof value === 'bigint') return tagBigint('', value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inKeyOrder);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inKeyOrder(member)]));
}

/**
 * The same text for equal values, whatever order their keys were set in. A copy in key order and the engine's own
 * writer are quicker than writing the text piece by piece.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(inKeyOrder(value));

/** Reads back what {@link taggedJson} wrote; throws SyntaxError for text that is no JSON. */
export const parseTaggedJson = (text: string): unknown =>
  // Most texts carry no bigint, and a reviver would visit every value of them.
  text.includes(TAG_TEXT) ? JSON.parse(text, untagBigint) : JSON.parse(text);

/** `version` is below 128, so that it is one byte as a character, too, and the text need not be copied behind it. */
export const frameJson = (version: number, text: string): Uint8Array =>
  encoder.encode(String.fromCharCode(version) + text);

/** Throws InvariantError, naming `what`, unless the bytes are of exactly this version and hold JSON. */
export function unframeJson(version: number, framed: Uint8Array, what: string): unknown {
  if (framed[0] !== version) {
    throw new InvariantError(
      `${what} is of format ${framed[0] ?? 'none'}; this release reads format ${version}`,
    );
  }
  try {
    return parseTaggedJson(decoder.decode(framed.subarray(1)));
  } catch (error) {
    throw new InvariantError(`${what} cannot be read: ${String(error)}`);
  }
}
