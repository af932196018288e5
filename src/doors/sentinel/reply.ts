/**
 * What the door answers and pushes, before it is bytes. Text is a string of bytes (one character a byte, as latin1
 * has it), so that whatever a client sent comes back unchanged and lengths are counted right.
 */
export type Reply =
  /** `+OK` */
  | { readonly kind: 'simple'; readonly text: string }
  /** `-CODE text`; the first word is what clients match on. */
  | { readonly kind: 'error'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'bulk'; readonly text: string }
  /** Text for people. RESP2: a bulk. */
  | { readonly kind: 'verbatim'; readonly text: string }
  /** RESP2 knows two nulls; where an array was asked for it is the null array. RESP3 has one. */
  | { readonly kind: 'null'; readonly of: 'bulk' | 'array' }
  | { readonly kind: 'array'; readonly items: readonly Reply[] }
  /** RESP2: keys and values in turn. */
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [Reply, Reply])[] }
  /** RESP2: an array. RESP3: out of band. */
  | { readonly kind: 'push'; readonly items: readonly Reply[] }
  /** Several replies to one command, as SUBSCRIBE has one for each channel. */
  | { readonly kind: 'sequence'; readonly items: readonly Reply[] };

export type Protocol = 2 | 3;

export const simple = (text: string): Reply => ({ kind: 'simple', text });
export const error = (text: string): Reply => ({ kind: 'error', text });
export const integer = (value: number): Reply => ({ kind: 'integer', value });
export const bulk = (text: string): Reply => ({ kind: 'bulk', text });
export const verbatim = (text: string): Reply => ({ kind: 'verbatim', text });
export const array = (items: readonly Reply[]): Reply => ({ kind: 'array', items });
export const bulks = (texts: readonly string[]): Reply => array(texts.map(bulk));
export const NULL_BULK: Reply = { kind: 'null', of: 'bulk' };
export const NULL_ARRAY: Reply = { kind: 'null', of: 'array' };
export const OK: Reply = simple('OK');

/** A state record: names and values, all of them text, in the order in which they are sent. */
export const record = (fields: readonly (readonly [string, string])[]): Reply => ({
  kind: 'map',
  pairs: fields.map(([name, value]) => [bulk(name), bulk(value)]),
});
