/** Typed values out of the fields of a header, which are all text. What is missing or no number is null. */
import type { Fields } from '../../remoting/remoting-command.ts';

const WHOLE = /^-?\d{1,19}$/;

export function wholeIn(fields: Fields, name: string): number | null {
  const text = fields.get(name)?.trim();
  if (text === undefined || !WHOLE.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Offsets, which are 64 bits long. */
export function offsetIn(fields: Fields, name: string): bigint | null {
  const text = fields.get(name)?.trim();
  return text === undefined || !WHOLE.test(text) ? null : BigInt(text);
}

/** As Java reads it: anything but `true` is false; null where the field is not there. */
export function flagIn(fields: Fields, name: string): boolean | null {
  const text = fields.get(name);
  return text === undefined ? null : text.trim().toLowerCase() === 'true';
}

export const textIn = (fields: Fields, name: string): string => fields.get(name) ?? '';
