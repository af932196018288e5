/**
 * Bodies as fastjson writes them: JSON in which keys may be numbers without quotes, and in which a value that occurs
 * twice is a reference to its first place. No digit gets lost: whole numbers beyond 2^53 are bigints. Read from bytes,
 * so that no text that is kept holds on to the body that it came in.
 *
 * Invariant: time and memory are linear in the bytes, and bounded by `REMOTING_LIMITS.json*`, references included.
 */
import { isUtf8 } from 'node:buffer';
import { damaged, type Read, read } from './damage.ts';
import { REFERENCE, type Reference, resolveReferences } from './fastjson-references.ts';
import { REMOTING_LIMITS } from './limits.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LOWER_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const PLUS = 0x2b;

const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/** Thrown and caught in this file only: most of a parser's steps would otherwise be about damage. */
class Unreadable extends Error {
  readonly expected: string;
  readonly at: number;

  constructor(expected: string, at: number) {
    super(expected);
    this.expected = expected;
    this.at = at;
  }
}

class Parser {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;
  readonly references: Reference[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get values(): number {
    return this.#values;
  }

  whole(): unknown {
    const value = this.#value(0);
    if (this.#next() !== -1) throw new Unreadable('the end', this.#at);
    return value;
  }

  /** The byte at which the next token begins; -1 at the end. */
  #next(): number {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at += 1) {
      const byte = bytes[this.#at] ?? 0;
      if (byte !== SPACE && (byte > 0x0d || byte < 0x09)) return byte;
    }
    return -1;
  }

  #value(depth: number): unknown {
    this.#count();
    if (depth > REMOTING_LIMITS.jsonDepth) {
      throw new Unreadable(`at most ${REMOTING_LIMITS.jsonDepth} levels`, this.#at);
    }
    const byte = this.#next();
    if (byte === QUOTE) return this.#text();
    if (byte === OPEN_OBJECT) return this.#object(depth);
    if (byte === OPEN_LIST) return this.#list(depth);
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.#number();
    return this.#word();
  }

  #count(): void {
    this.#values += 1;
    if (this.#values > REMOTING_LIMITS.jsonValues) {
      throw new Unreadable(`at most ${REMOTING_LIMITS.jsonValues} values`, this.#at);
    }
  }

  #object(depth: number): unknown {
    const members: Record<string, unknown> = {};
    this.#at += 1;
    if (this.#closes(CLOSE_OBJECT)) return members;
    do {
      const key = this.#key();
      if (this.#next() !== COLON) throw new Unreadable("':'", this.#at);
      this.#at += 1;
      const value = this.#value(depth + 1);
      // The one name that an object of this language takes for something else; nothing in RocketMQ is called so.
      if (key !== '__proto__') this.#set(members, key, value);
    } while (!this.#endsAfterMember(CLOSE_OBJECT));
    return members;
  }

  #set(members: Record<string, unknown>, key: string, value: unknown): void {
    members[key] = value;
    const path = pathOf(value);
    if (path === null) return;
    const put = (target: unknown): void => {
      members[key] = target;
    };
    this.references.push({ path, put });
  }

  #list(depth: number): unknown {
    const items: unknown[] = [];
    this.#at += 1;
    if (this.#closes(CLOSE_LIST)) return items;
    do {
      this.#add(items, this.#value(depth + 1));
    } while (!this.#endsAfterMember(CLOSE_LIST));
    return items;
  }

  #add(items: unknown[], value: unknown): void {
    const at = items.push(value) - 1;
    const path = pathOf(value);
    if (path === null) return;
    const put = (target: unknown): void => {
      items[at] = target;
    };
    this.references.push({ path, put });
  }

  #closes(mark: number): boolean {
    if (this.#next() !== mark) return false;
    this.#at += 1;
    return true;
  }

  #endsAfterMember(mark: number): boolean {
    const byte = this.#next();
    if (byte !== COMMA && byte !== mark) throw new Unreadable("',' or an end", this.#at);
    this.#at += 1;
    return byte === mark;
  }

  #key(): string {
    this.#count();
    const byte = this.#next();
    if (byte === QUOTE) return this.#text();
    const from = this.#at;
    if (byte === MINUS) this.#at += 1;
    this.#digits();
    if (this.#at === from) throw new Unreadable('a key', from);
    return this.#slice(from);
  }

  #digits(): void {
    for (; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte < ZERO || byte > NINE) return;
    }
  }

  /** The characters of a number, from there to here. */
  #slice(from: number): string {
    if (this.#at - from > REMOTING_LIMITS.jsonNumberCharacters) {
      throw new Unreadable(`a number of at most ${REMOTING_LIMITS.jsonNumberCharacters} characters`, from);
    }
    return this.#bytes.toString('latin1', from, this.#at);
  }

  #number(): number | bigint {
    const from = this.#at;
    let isWhole = true;
    for (; this.#at < this.#bytes.length; this.#at += 1) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte >= ZERO && byte <= NINE) continue;
      if (byte === DOT || byte === LOWER_E || byte === UPPER_E || byte === PLUS) isWhole = false;
      else if (byte !== MINUS) break;
    }
    const text = this.#slice(from);
    const value = Number(text);
    if (Number.isNaN(value)) throw new Unreadable('a number', from);
    return isWhole && !Number.isSafeInteger(value) ? BigInt(text) : value;
  }

  #word(): boolean | null {
    for (const [word, value] of WORDS) {
      if (this.#bytes.toString('latin1', this.#at, this.#at + word.length) !== word) continue;
      this.#at += word.length;
      return value;
    }
    throw new Unreadable('a value', this.#at);
  }

  #text(): string {
    const bytes = this.#bytes;
    const from = this.#at;
    let isPlain = true;
    for (let at = from + 1; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return isPlain ? bytes.toString('utf8', from + 1, at) : this.#unescaped(from);
      }
      if (byte === BACKSLASH) {
        isPlain = false;
        at += 1;
      } else if (byte < SPACE) throw new Unreadable('no control character in a text', at);
    }
    throw new Unreadable('the end of a text', from);
  }

  /** A text from there to here with what is written by backslashes in it, of which fastjson writes JSON's own only. */
  #unescaped(from: number): string {
    try {
      const value: unknown = JSON.parse(this.#bytes.toString('utf8', from, this.#at));
      if (typeof value === 'string') return value;
    } catch {
      // Told below.
    }
    throw new Unreadable("a text with JSON's escapes", from);
  }
}

function pathOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !(REFERENCE in value)) return null;
  const path = value[REFERENCE];
  return typeof path === 'string' ? path : null;
}

/** Most bytes of the body that a damage repeats. */
const SHOWN_BYTES = 24;

export function decodeFastjson(bytes: Buffer): Read<unknown> {
  if (!isUtf8(bytes)) return damaged('a body in UTF-8', `${bytes.length} other bytes`);
  const parser = new Parser(bytes);
  try {
    const root = parser.whole();
    const isWithinBounds = resolveReferences(root, parser.references, parser.values);
    return isWithinBounds
      ? read(root)
      : damaged(`at most ${REMOTING_LIMITS.jsonValues} values`, 'more, by references');
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { at, expected } = error;
    const shown = bytes.toString('utf8', at, at + SHOWN_BYTES);
    return damaged(`${expected} at byte ${at}`, at >= bytes.length ? 'the end' : shown);
  }
}
