/**
 * A header as JSON. Written as Java writes it, key for key; read as Java reads it: only the code, the opaque and the
 * flag have to be there, and values of fields may be numbers or booleans, though everybody sends strings.
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { damaged, type Read, read } from './damage.ts';
import { decodeFastjson } from './fastjson.ts';
import { REFERENCE } from './fastjson-references.ts';
import { flagOf, flagsIn, type Header } from './header.ts';
import { KnownHeaders } from './known-headers.ts';
import { type Language, languageByCode, languageByName } from './languages.ts';
import { REMOTING_LIMITS } from './limits.ts';

const EXPECTED = 'a JSON header with code, opaque and flag';
/** Most bytes of the header that a damage repeats. */
const SHOWN_BYTES = 80;

const fieldValue = z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null()]);

const headerSchema = z.object({
  code: z.int32(),
  language: z.union([z.string(), z.int()]).nullish(),
  version: z.int32().default(0),
  opaque: z.int32(),
  flag: z.int32().default(0),
  remark: z.string().nullish(),
  extFields: z.record(z.string(), fieldValue).nullish(),
});

function languageOf(value: string | number | null | undefined): Language | null {
  if (value === null || value === undefined) return 'JAVA';
  return typeof value === 'string' ? languageByName(value) : languageByCode(value);
}

const isInteger = (value: unknown): value is number => typeof value === 'number' && value === (value | 0);

function parsedByEngine(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** Null for fields that are not all strings: more care is needed to lose no digit of a number. */
function stringFields(extFields: unknown): Map<string, string> | null {
  const fields = new Map<string, string>();
  if (extFields === undefined) return fields;
  if (typeof extFields !== 'object' || extFields === null || Array.isArray(extFields)) return null;
  const members: readonly (readonly [string, unknown])[] = Object.entries(extFields);
  if (members.length > REMOTING_LIMITS.headerFields) return null;
  for (const [name, value] of members) {
    if (typeof value !== 'string' || name === REFERENCE) return null;
    fields.set(name, value);
  }
  return fields;
}

/**
 * What nearly every header is, in a quarter of the time: a door reads one for each request. Null for any other, which
 * is read with care.
 */
function decodeCommonHeader(bytes: Buffer): Header | null {
  const json = parsedByEngine(bytes);
  if (typeof json !== 'object' || json === null || !('code' in json) || !('opaque' in json)) return null;
  const { code, opaque } = json;
  const language = 'language' in json ? json.language : undefined;
  const version = 'version' in json ? json.version : 0;
  const flag = 'flag' in json ? json.flag : 0;
  const remark = 'remark' in json ? json.remark : null;
  const fields = stringFields('extFields' in json ? json.extFields : undefined);
  if (!isInteger(code) || !isInteger(opaque) || !isInteger(version) || !isInteger(flag)) return null;
  if (fields === null || (remark !== null && typeof remark !== 'string')) return null;
  if (language !== undefined && typeof language !== 'string') return null;
  const { isResponse, isOneWay } = flagsIn(flag);
  return { code, language: languageOf(language), version, opaque, isResponse, isOneWay, remark, fields };
}

/** Of all connections: many clients ask for the same. */
const known = new KnownHeaders();

export function decodeJsonHeader(bytes: Buffer): Read<Header> {
  const header = known.read(bytes, decodeCommonHeader);
  return header === null ? decodeWithCare(bytes) : read(header);
}

function decodeWithCare(bytes: Buffer): Read<Header> {
  const json = decodeFastjson(bytes);
  const parsed = headerSchema.safeParse(json.kind === 'read' ? json.value : undefined);
  if (!parsed.success) return damaged(EXPECTED, bytes.toString('utf8', 0, SHOWN_BYTES));
  const { code, language, version, opaque, flag, remark, extFields } = parsed.data;
  const values = Object.entries(extFields ?? {});
  if (values.length > REMOTING_LIMITS.headerFields) {
    return damaged(`at most ${REMOTING_LIMITS.headerFields} header fields`, String(values.length));
  }
  const fields = new Map<string, string>();
  for (const [name, value] of values) if (value !== null) fields.set(name, String(value));
  return read({
    code,
    language: languageOf(language),
    version,
    opaque,
    ...flagsIn(flag),
    remark: remark ?? null,
    fields,
  });
}

/** Piece by piece, for a door writes one for each answer; names of languages need no escapes. */
export function encodeJsonHeader(header: Header): string {
  const { code, fields, language, opaque, remark, version } = header;
  const extFields = fields.size === 0 ? '' : `,"extFields":${JSON.stringify(Object.fromEntries(fields))}`;
  const spoken = language === null ? '' : `,"language":"${language}"`;
  const remarked = remark === null ? '' : `,"remark":${JSON.stringify(remark)}`;
  return (
    `{"code":${code}${extFields},"flag":${flagOf(header)}${spoken},"opaque":${opaque}${remarked}` +
    `,"serializeTypeCurrentRPC":"JSON","version":${version}}`
  );
}
