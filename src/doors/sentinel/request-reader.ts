/**
 * Takes bytes in any pieces and hands out whole requests: arrays of bulk strings as clients send them, or a line of
 * words as people type it. Our own because no kept library reads requests (they read replies) under limits.
 *
 * Invariant: what is kept never exceeds `LIMITS.sentinelRequestBytes` plus one piece, whatever is sent; after a
 * `broken` the reader is of no more use, for nobody knows where the next request would begin.
 */
import { LIMITS } from '../../core/primitives/limits.ts';
import { inlineWords } from './inline-words.ts';

export type ReadOutcome =
  | { readonly kind: 'request'; readonly words: readonly string[] }
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  /** The text is the server's error line, without its sign; the connection ends after it. */
  | { readonly kind: 'broken'; readonly text: string };

const INCOMPLETE: ReadOutcome = { kind: 'incomplete' };
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const ZERO = 0x30;
const LINE_END_BYTES = 2;
/** Heads with more digits are rare, and are read as text. */
const MOST_PLAIN_DIGITS = 6;
/** What a server grants to who has not logged in. */
const STRANGER = { words: 10, wordBytes: 16 * 1024 } as const;
const COUNT = /^[+-]?\d{1,19}$/;

const brokenBy = (what: string): ReadOutcome => ({ kind: 'broken', text: `ERR Protocol error: ${what}` });

export class RequestReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Words that the request under way still lacks; null between requests. */
  #missing: number | null = null;
  /** Length of the word that comes next; null where its head has not been read. */
  #wordBytes: number | null = null;
  #words: string[] = [];
  #requestBytes = 0;
  #isTrusted = true;

  /** `isTrusted`: false until the client has logged in, where it has to. */
  trust(isTrusted: boolean): void {
    this.#isTrusted = isTrusted;
  }

  push(piece: Buffer): void {
    this.#bytes =
      this.#at === this.#bytes.length ? piece : Buffer.concat([this.#bytes.subarray(this.#at), piece]);
    this.#at = 0;
  }

  /** The next request; empty ones, which a server passes over in silence, are not handed out. */
  next(): ReadOutcome {
    for (;;) {
      const outcome = this.#missing === null ? this.#begin() : this.#readWords(this.#missing);
      if (outcome === null) continue;
      if (outcome.kind === 'request' && outcome.words.length === 0) continue;
      return outcome;
    }
  }

  /** Reads the head of a request. Null: it was read, and words follow. */
  #begin(): ReadOutcome | null {
    if (this.#at >= this.#bytes.length) return INCOMPLETE;
    if (this.#bytes[this.#at] !== ASTERISK) return this.#readInline();
    const count = this.#takeCount();
    if (count === 'tooLong') return brokenBy('too big mbulk count string');
    if (count === null) return INCOMPLETE;
    if (!(count <= LIMITS.sentinelRequestWords)) return brokenBy('invalid multibulk length');
    if (!this.#isTrusted && count > STRANGER.words) return brokenBy('unauthenticated multibulk length');
    if (count <= 0) return null;
    this.#missing = count;
    this.#words = [];
    this.#requestBytes = 0;
    return null;
  }

  #readWords(missing: number): ReadOutcome | null {
    if (this.#wordBytes === null) {
      const problem = this.#readWordHead();
      if (problem !== null) return problem;
    }
    const length = this.#wordBytes ?? 0;
    if (this.#bytes.length - this.#at < length + LINE_END_BYTES) return INCOMPLETE;
    this.#words.push(this.#bytes.toString('latin1', this.#at, this.#at + length));
    // The two bytes behind a word are passed over unseen, as servers do.
    this.#at += length + LINE_END_BYTES;
    this.#wordBytes = null;
    this.#missing = missing - 1;
    if (missing > 1) return null;
    this.#missing = null;
    return { kind: 'request', words: this.#words };
  }

  #readWordHead(): ReadOutcome | null {
    if (this.#bytes[this.#at] !== DOLLAR) return this.#notWord();
    const length = this.#takeCount();
    if (length === 'tooLong') return brokenBy('too big bulk count string');
    if (length === null) return INCOMPLETE;
    if (!(length >= 0)) return brokenBy('invalid bulk length');
    if (!this.#isTrusted && length > STRANGER.wordBytes) return brokenBy('unauthenticated bulk length');
    this.#requestBytes += length + LINE_END_BYTES;
    if (this.#requestBytes > LIMITS.sentinelRequestBytes) return brokenBy('invalid bulk length');
    this.#wordBytes = length;
    return null;
  }

  #notWord(): ReadOutcome {
    const line = this.#takeLine();
    if (line === 'tooLong') return brokenBy('too big bulk count string');
    return line === null ? INCOMPLETE : brokenBy(`expected '$', got '${line.charAt(0)}'`);
  }

  /** The number behind the sign of a head; NaN where it is none, null where its line has not come yet. */
  #takeCount(): number | 'tooLong' | null {
    const plain = this.#takePlainCount();
    if (plain !== null) return plain;
    const line = this.#takeLine();
    if (line === null || line === 'tooLong') return line;
    return COUNT.test(line.slice(1)) ? Number(line.slice(1)) : Number.NaN;
  }

  /** The same where it is written as clients write it, without making text of it: most of the time goes there. */
  #takePlainCount(): number | null {
    const bytes = this.#bytes;
    const first = this.#at + 1;
    let at = first;
    let count = 0;
    for (; at < first + MOST_PLAIN_DIGITS; at += 1) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      count = count * 10 + digit;
    }
    if (at === first || bytes[at] !== CARRIAGE_RETURN || bytes[at + 1] !== NEWLINE) return null;
    this.#at = at + LINE_END_BYTES;
    return count;
  }

  #readInline(): ReadOutcome {
    const line = this.#takeLine();
    if (line === 'tooLong') return brokenBy('too big inline request');
    if (line === null) return INCOMPLETE;
    const words = inlineWords(line);
    if (words === null) return brokenBy('unbalanced quotes in request');
    if (words.length > LIMITS.sentinelRequestWords) return brokenBy('too big inline request');
    return { kind: 'request', words };
  }

  /** The text up to the next newline, without a carriage return before it; null where there is none yet. */
  #takeLine(): string | 'tooLong' | null {
    const end = this.#bytes.indexOf(NEWLINE, this.#at);
    const length = (end < 0 ? this.#bytes.length : end) - this.#at;
    if (length > LIMITS.sentinelLineBytes) return 'tooLong';
    if (end < 0) return null;
    const stop = end > this.#at && this.#bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    const line = this.#bytes.toString('latin1', this.#at, stop);
    this.#at = end + 1;
    return line;
  }
}
