/**
 * A header as JSON. Written as Java writes it, key for key; read as Java reads it: only the code, the opaque and the
 * flag have to be there, and values of fields may be numbers or booleans, though everybody sends strings.
 */
import { z } from 'zod';
import { damaged, type Read, read } from './damage.ts';
import { decodeFastjson } from './fastjson.ts';
import { flagOf, flagsIn, type Header } from './header.ts';
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

export function decodeJsonHeader(bytes: Buffer): Read<Header> {
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

export function encodeJsonHeader(header: Header): string {
  const { code, fields, language, opaque, remark, version } = header;
  return JSON.stringify({
    code,
    ...(fields.size === 0 ? {} : { extFields: Object.fromEntries(fields) }),
    flag: flagOf(header),
    ...(language === null ? {} : { language }),
    opaque,
    ...(remark === null ? {} : { remark }),
    serializeTypeCurrentRPC: 'JSON',
    version,
  });
}
