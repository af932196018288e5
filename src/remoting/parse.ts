/**
 * Fields and bodies as typed values. All fields are strings on the wire; here they become what they mean, or a
 * damage that names the field, what it should be, and what it is.
 */
import { z } from 'zod';
import { damaged, type Read, read } from './damage.ts';
import { decodeFastjson } from './fastjson.ts';
import { type Fields, type FieldValue, fieldsOf } from './remoting-command.ts';

/** Schemas of fields. Each error says what was expected; an absent field is told in the same words. */
const MOST_NAME_CHARACTERS = 255;
const MOST_TEXT_CHARACTERS = 64 * 1024;

const MOST_SHOWN_CHARACTERS = 120;

const NAME = `a text of 1 to ${MOST_NAME_CHARACTERS} characters`;
const ADDRESS = 'an address, host:port';
const LONG = 'a whole number of 64 bits';
const INTEGER = 'a whole number of 32 bits';
const ID = 'a whole number of at least 0';
const MOST_LONG = 2n ** 63n - 1n;
const LEAST_LONG = -(2n ** 63n);
const MOST_INTEGER = 2 ** 31 - 1;
const LEAST_INTEGER = -(2 ** 31);

const digits = (expected: string): z.ZodString =>
  z.string({ error: expected }).regex(/^-?\d{1,19}$/, expected);

/** Names of clusters, broker sets, topics, namespaces and keys. */
export const name = z.string({ error: NAME }).min(1, NAME).max(MOST_NAME_CHARACTERS, NAME);

/** Any text, also an empty one; a header is no longer. */
export const text = z.string({ error: 'a text' }).max(MOST_TEXT_CHARACTERS, 'a text');

const ADDRESS_PATTERN = /^[A-Za-z0-9_.:%[\]-]{1,249}:\d{1,5}$/;

/** `host:port`, an IPv6 host in brackets or not: Java writes it without. */
export const isAddress = (value: string): boolean => ADDRESS_PATTERN.test(value);

export const address = z.string({ error: ADDRESS }).regex(ADDRESS_PATTERN, ADDRESS);

/** Offsets and other numbers that may be beyond 2^53. */
export const long = digits(LONG)
  .transform(BigInt)
  .refine((value) => value >= LEAST_LONG && value <= MOST_LONG, LONG);

export const integer = digits(INTEGER)
  .transform(Number)
  .refine((value) => value >= LEAST_INTEGER && value <= MOST_INTEGER, INTEGER);

/** Broker ids, epochs and times: Java's are of 64 bits, but none of them is beyond 2^53. */
export const wholeNumber = digits(ID)
  .transform(Number)
  .refine((value) => value >= 0 && value <= Number.MAX_SAFE_INTEGER, ID);

/** The same, or -1 for none. */
export const wholeNumberOrNone = digits(ID)
  .transform(Number)
  .refine((value) => value >= -1 && value <= Number.MAX_SAFE_INTEGER, `${ID}, or -1`);

/** As Java reads it: whatever is not `true` is false. */
export const flag = z.string({ error: 'true or false' }).transform((value) => value.toLowerCase() === 'true');

/** Absent is null. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.nullish(schema).transform((value) => value ?? null);

/** In a few words: what others send may be as large as a frame. */
function shown(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MOST_SHOWN_CHARACTERS));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

type Issues = readonly z.core.$ZodIssue[];

function damagedBy(issues: Issues, found: (path: readonly PropertyKey[]) => unknown): Read<never> {
  const [issue] = issues;
  const path = issue?.path ?? [];
  const value = found(path);
  const expected = issue?.message ?? 'another value';
  return damaged(path.length === 0 ? expected : `${path.join('.')}: ${expected}`, shown(value));
}

/** The fields of one kind of request or response, both ways. */
export type HeaderCodec<Header> = {
  decode(fields: Fields): Read<Header>;
  encode(header: Header): Fields;
};

export type HeaderOf<Codec> = Codec extends HeaderCodec<infer Header> ? Header : never;

/** Fields that the schema does not name are ignored. Null is an absent field. */
export const headerCodec = <Header extends Readonly<Record<string, FieldValue>>>(
  schema: z.ZodType<Header>,
): HeaderCodec<Readonly<Header>> => ({
  decode: (fields) => {
    const parsed = schema.safeParse(Object.fromEntries(fields));
    if (parsed.success) return read(parsed.data);
    return damagedBy(parsed.error.issues, ([at]) => fields.get(String(at)));
  },
  encode: (header) => fieldsOf(header),
});

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    root,
  );

/** A value that fastjson read; members that the schema does not name are ignored. */
export function parseJson<Value>(schema: z.ZodType<Value>, json: unknown): Read<Value> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return read(parsed.data);
  return damagedBy(parsed.error.issues, (path) => valueAt(json, path));
}

export function parseBody<Value>(schema: z.ZodType<Value>, body: Buffer): Read<Value> {
  const json = decodeFastjson(body);
  return json.kind === 'damaged' ? json : parseJson(schema, json.value);
}
