/**
 * Headers that were read before. Clients ask for the same again and again, and nothing but the number of the request is
 * another: what is alike in every other byte need not be taken apart once more. Invariant: what is kept is bounded in
 * number and bytes, and a header is answered only for the very bytes that it was read from, but for the digits of its
 * number.
 */
import type { Header } from './header.ts';

/** Of either generation: those that nobody asked for while as many others came are forgotten. */
const HEADERS_KEPT = 4_096;
/** Longer ones are rare, and read every time. */
const LONGEST_BYTES = 512;
const NUMBER_AFTER = '"opaque":';
/** With fewer digits than this a number fits into 32 bits. */
const MANY_DIGITS = 10;
const ZERO = 0x30;
const NINE = 0x39;
const COMMA = 0x2c;
const CLOSE = 0x7d;

export class KnownHeaders {
  #young = new Map<string, Header>();
  #old = new Map<string, Header>();

  get count(): number {
    return this.#young.size + this.#old.size;
  }

  /** What `decode` gives for the bytes, from earlier where it can be told without it. */
  read(bytes: Buffer, decode: (bytes: Buffer) => Header | null): Header | null {
    if (bytes.length > LONGEST_BYTES) return decode(bytes);
    // One character a byte: nothing is lost of any encoding.
    const text = bytes.toString('latin1');
    const begin = text.indexOf(NUMBER_AFTER) + NUMBER_AFTER.length;
    const end = endOfNumber(text, begin);
    if (end === null) return decode(bytes);
    const key = text.slice(0, begin) + text.slice(end);
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known === undefined) return this.#keep(key, text, decode(bytes));
    if (!this.#young.has(key)) this.#add(key, known);
    return withOpaque(known, Number(text.slice(begin, end)));
  }

  #keep(key: string, text: string, header: Header | null): Header | null {
    if (header !== null && isNumberedOnce(text)) this.#add(key, header);
    return header;
  }

  #add(key: string, header: Header): void {
    if (this.#young.size >= HEADERS_KEPT) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, header);
  }
}

/** Null where no number is written there as everybody writes it: without a sign, a fraction or zeros in front. */
function endOfNumber(text: string, begin: number): number | null {
  if (begin < NUMBER_AFTER.length) return null;
  let end = begin;
  while (isDigit(text.charCodeAt(end))) end += 1;
  const digits = end - begin;
  const next = text.charCodeAt(end);
  if (digits === 0 || digits >= MANY_DIGITS || (next !== COMMA && next !== CLOSE)) return null;
  return digits > 1 && text.charCodeAt(begin) === ZERO ? null : end;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** Then that is the number: no escape hides another name for it, and no space another place of it. */
const isNumberedOnce = (text: string): boolean =>
  !text.includes('\\') && text.indexOf('"opaque"') === text.lastIndexOf('"opaque"');

const withOpaque = (header: Header, opaque: number): Header => ({
  code: header.code,
  language: header.language,
  version: header.version,
  opaque,
  isResponse: header.isResponse,
  isOneWay: header.isOneWay,
  remark: header.remark,
  fields: header.fields,
});
