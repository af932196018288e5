/**
 * What is in a piece of a Redis replication stream: commands as arrays of bulk strings, one behind the other. The piece
 * may end in the middle of one.
 */
import type { TailCounts } from '../metadata/state.ts';

export type TailCommand = readonly string[];

export type ParsedTail = {
  /** The first of them, as far as the bounds go. */
  readonly commands: readonly TailCommand[];
  /** How many follow that are only counted. */
  readonly commandsLeft: number;
  /** Of all commands. */
  readonly counts: TailCounts;
  /** Bytes at the end that are no whole command. */
  readonly leftBytes: number;
};

/** Commands that are decoded, and their bytes together. */
export type TailBounds = { readonly commands: number; readonly bytes: number };

/** Keep a stream going, or frame what follows; none of them changes data. */
const HOUSEKEEPING = new Set([
  'PING',
  'REPLCONF',
  'SELECT',
  'MULTI',
  'EXEC',
  'PUBLISH',
  'SPUBLISH',
  'SCRIPT',
]);

const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const LINE_FEED = 0x0a;
const decoder = new TextDecoder('utf-8');

/** A line that ends with CR LF, as a number behind its first character; null where it is not whole, or not one. */
function readCount(bytes: Uint8Array, at: number, mark: number): { count: number; next: number } | null {
  if (bytes[at] !== mark) return null;
  const end = bytes.indexOf(LINE_FEED, at);
  if (end < 0) return null;
  const text = decoder.decode(bytes.subarray(at + 1, end - 1));
  return /^\d{1,10}$/.test(text) ? { count: Number(text), next: end + 1 } : null;
}

/** Where its words lie: each from its first byte to the one behind its last. */
type Located = { readonly words: readonly (readonly [number, number])[]; readonly next: number };

function locateCommand(bytes: Uint8Array, at: number): Located | null {
  const header = readCount(bytes, at, ASTERISK);
  if (header === null) return null;
  const words: [number, number][] = [];
  let { next } = header;
  for (let word = 0; word < header.count; word += 1) {
    const length = readCount(bytes, next, DOLLAR);
    if (length === null || length.next + length.count + 2 > bytes.length) return null;
    words.push([length.next, length.next + length.count]);
    next = length.next + length.count + 2;
  }
  return { words, next };
}

/** A master deletes what has expired, or what it has no room for, by these; nothing tells them from a client's own. */
const PERHAPS_EXPIRIES = new Set(['DEL', 'UNLINK']);

/** No name that is looked for is longer. */
const NAME_BYTES = 16;

/** Goes through a tail in as many turns as its caller likes, so that a long one holds up nothing else. */
export class TailParser {
  readonly #bytes: Uint8Array;
  readonly #bounds: TailBounds;
  readonly #commands: TailCommand[] = [];
  readonly #counts = { writes: 0, perhapsExpiries: 0, others: 0 };
  #at = 0;
  #decodedBytes = 0;
  #commandsLeft = 0;

  constructor(bytes: Uint8Array, bounds: TailBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
  }

  /** Goes on for about so many bytes; true at the end of what can be read. */
  advance(bytes: number): boolean {
    const until = this.#at + bytes;
    while (this.#at < until) {
      const located = locateCommand(this.#bytes, this.#at);
      if (located === null) return true;
      if (located.words.length > 0) this.#take(located);
      this.#at = located.next;
    }
    return false;
  }

  result(): ParsedTail {
    return {
      commands: [...this.#commands],
      commandsLeft: this.#commandsLeft,
      counts: { ...this.#counts },
      leftBytes: this.#bytes.length - this.#at,
    };
  }

  #take({ words, next }: Located): void {
    this.#count(words);
    const size = next - this.#at;
    const { commands, bytes } = this.#bounds;
    // Nothing behind one that is left out is shown, or a gap would look like none.
    const isShown =
      this.#commandsLeft === 0 && this.#commands.length < commands && this.#decodedBytes + size <= bytes;
    if (!isShown) {
      this.#commandsLeft += 1;
      return;
    }
    this.#decodedBytes += size;
    this.#commands.push(words.map(([from, to]) => decoder.decode(this.#bytes.subarray(from, to))));
  }

  #count(words: Located['words']): void {
    const [from, to] = words[0] ?? [0, 0];
    const name = decoder.decode(this.#bytes.subarray(from, Math.min(to, from + NAME_BYTES))).toUpperCase();
    if (HOUSEKEEPING.has(name)) this.#counts.others += 1;
    else if (PERHAPS_EXPIRIES.has(name) && words.length === 2) this.#counts.perhapsExpiries += 1;
    else this.#counts.writes += 1;
  }
}
