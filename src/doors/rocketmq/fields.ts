/** Typed values out of the fields of a header, which are all text. What is missing or no number is null. */
import type { Fields } from '../../remoting/remoting-command.ts';

const WHOLE = /^-?\d{1,19}$/;

export function wholeIn(fields: Fields, name: string): number | null {
  const text = fields.get(name)?.trim();
  if (text === undefined || !WHOLE.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Offsets end where signed numbers of 64 bits do; a text of as many digits may be beyond. */
const MOST_BYTES = 2n ** 63n - 1n;

export function offsetIn(fields: Fields, name: string): bigint | null {
  const text = fields.get(name)?.trim();
  if (text === undefined || !WHOLE.test(text)) return null;
  const offset = BigInt(text);
  return offset >= 0n && offset <= MOST_BYTES ? offset : null;
}

/** How long somebody may be silent. Who names no time, or none that there is, gets the usual one. */
export function patienceIn(fields: Fields, name: string, usualMs: number): number {
  const namedMs = wholeIn(fields, name) ?? 0;
  return namedMs > 0 ? namedMs : usualMs;
}

/** As Java reads it: anything but `true` is false; null where the field is not there. */
export function flagIn(fields: Fields, name: string): boolean | null {
  const text = fields.get(name);
  return text === undefined ? null : text.trim().toLowerCase() === 'true';
}

export const textIn = (fields: Fields, name: string): string => fields.get(name) ?? '';
