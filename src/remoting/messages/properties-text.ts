/**
 * Java's properties as text: the bodies of 318 and 1009, which change a configuration, and of the answers to 319 and
 * 1010, which show it. Read as Java reads it, but as UTF-8; written so that Java reads back what was written.
 */
import { damaged, type Read, read } from '../damage.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { utf8Of } from '../utf8.ts';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
]);
const BLANK = '[ \\t\\f]';
const LEADING_BLANKS = new RegExp(`^${BLANK}+`);
const COMMENT = new RegExp(`^${BLANK}*[#!]`);
/** An odd number of backslashes at its end makes a line go on in the next. */
const GOES_ON = /(?<!\\)(?:\\\\)*\\$/;
const KEY = /^(?:\\.|[^\\=: \t\f])*/s;
const SEPARATOR = new RegExp(`^${BLANK}*[=:]?${BLANK}*`);
const UNICODE = /^[0-9A-Fa-f]{4}$/;

/** Lines without comments and blanks, those that go on put together. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string | null = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (begun === null && COMMENT.test(line)) continue;
    const added: string = (begun ?? '') + line.replace(LEADING_BLANKS, '');
    const goesOn = GOES_ON.test(added);
    begun = goesOn ? added.slice(0, -1) : null;
    if (!goesOn && added !== '') lines.push(added);
  }
  if (begun !== null && begun !== '') lines.push(begun);
  return lines;
}

/** Null for a character by number that has not four digits. */
function unescaped(text: string): string | null {
  let plain = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character !== '\\') {
      plain += character;
      continue;
    }
    at += 1;
    const escaped = text.charAt(at);
    if (escaped !== 'u') {
      plain += ESCAPES.get(escaped) ?? escaped;
      continue;
    }
    const digits = text.slice(at + 1, at + 5);
    if (!UNICODE.test(digits)) return null;
    plain += String.fromCharCode(Number.parseInt(digits, 16));
    at += 4;
  }
  return plain;
}

/** Of a key that comes twice the last value counts. */
export function decodeProperties(body: Buffer): Read<ReadonlyMap<string, string>> {
  const text = utf8Of(body);
  if (text === null) return damaged('properties in UTF-8', `${body.length} other bytes`);
  const lines = logicalLines(text);
  if (lines.length > REMOTING_LIMITS.properties) {
    return damaged(`at most ${REMOTING_LIMITS.properties} properties`, `${lines.length}`);
  }
  const properties = new Map<string, string>();
  for (const line of lines) {
    const [rawKey = ''] = KEY.exec(line) ?? [];
    const key = unescaped(rawKey);
    const value = unescaped(line.slice(rawKey.length).replace(SEPARATOR, ''));
    if (key === null || value === null) return damaged('four hexadecimal digits behind \\u', line);
    properties.set(key, value);
  }
  return read(properties);
}

const NAMES: ReadonlyMap<string, string> = new Map(
  [...ESCAPES].map(([name, character]) => [character, name]),
);

function escaped(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => `\\${NAMES.get(character) ?? character}`);
}

export const encodeProperties = (properties: ReadonlyMap<string, string>): Buffer =>
  Buffer.from(
    [...properties]
      .map(([key, value]) => `${escaped(key, /[\\\n\r\t\f =:#!]/g)}=${escaped(value, /[\\\n\r\t\f]|^ /g)}\n`)
      .join(''),
  );
