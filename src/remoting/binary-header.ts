/**
 * A header in RocketMQ's binary form: code int16, language int8, version int16, opaque int32, flag int32, then the
 * remark and the fields, each behind its length in bytes. Names have lengths of 16 bits, everything else of 32, all
 * of them with a sign.
 */
import { damaged, type Read, read } from './damage.ts';
import { flagOf, flagsIn, type Header } from './header.ts';
import { codeOfLanguage, languageByCode } from './languages.ts';
import { REMOTING_LIMITS } from './limits.ts';
import type { Fields } from './remoting-command.ts';
import { utf8Of } from './utf8.ts';

const FIXED_BYTES = 21;
const REMARK_LENGTH_AT = 13;
const NAME_LENGTH_BYTES = 2;
const VALUE_LENGTH_BYTES = 4;

type Piece = { readonly text: string | null; readonly end: number };

/** The text of so many bytes behind their length; null for none, as Java reads it. */
function takeText(bytes: Buffer, at: number, lengthBytes: 2 | 4): Read<Piece> {
  const from = at + lengthBytes;
  if (from > bytes.length) return damaged('a length inside the header', `its end at ${bytes.length}`);
  const length = lengthBytes === NAME_LENGTH_BYTES ? bytes.readInt16BE(at) : bytes.readInt32BE(at);
  if (length < 0 || length > bytes.length - from) {
    return damaged(`a text of at most the ${bytes.length - from} bytes left`, `${length} bytes`);
  }
  if (length === 0) return read({ text: null, end: from });
  const text = utf8Of(bytes.subarray(from, from + length));
  return text === null ? damaged('UTF-8', `${length} other bytes`) : read({ text, end: from + length });
}

function decodeFields(bytes: Buffer, from: number): Read<Fields> {
  const fields = new Map<string, string>();
  let at = from;
  for (let count = 0; at < bytes.length; count += 1) {
    if (count >= REMOTING_LIMITS.headerFields) {
      return damaged(`at most ${REMOTING_LIMITS.headerFields} header fields`, 'more');
    }
    const name = takeText(bytes, at, NAME_LENGTH_BYTES);
    if (name.kind === 'damaged') return name;
    const value = takeText(bytes, name.value.end, VALUE_LENGTH_BYTES);
    if (value.kind === 'damaged') return value;
    // Of a name that comes twice the last value counts.
    if (name.value.text !== null && value.value.text !== null) fields.set(name.value.text, value.value.text);
    at = value.value.end;
  }
  return read(fields);
}

export function decodeBinaryHeader(bytes: Buffer): Read<Header> {
  if (bytes.length < FIXED_BYTES)
    return damaged(`at least ${FIXED_BYTES} bytes of header`, `${bytes.length}`);
  const remark = takeText(bytes, REMARK_LENGTH_AT, VALUE_LENGTH_BYTES);
  if (remark.kind === 'damaged') return remark;
  const fieldsFrom = remark.value.end + VALUE_LENGTH_BYTES;
  if (fieldsFrom > bytes.length) return damaged('the length of the fields', 'the end of the header');
  const fieldBytes = bytes.readInt32BE(remark.value.end);
  if (fieldBytes !== bytes.length - fieldsFrom) {
    return damaged(`${bytes.length - fieldsFrom} bytes of fields`, `${fieldBytes}`);
  }
  const fields = decodeFields(bytes, fieldsFrom);
  if (fields.kind === 'damaged') return fields;
  return read({
    code: bytes.readInt16BE(0),
    language: languageByCode(bytes.readInt8(2)),
    version: bytes.readInt16BE(3),
    opaque: bytes.readInt32BE(5),
    ...flagsIn(bytes.readInt32BE(9)),
    remark: remark.value.text,
    fields: fields.value,
  });
}

function encodeFields(fields: Fields): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    const nameLength = Buffer.allocUnsafe(NAME_LENGTH_BYTES);
    nameLength.writeInt16BE(nameBytes.length);
    const valueLength = Buffer.allocUnsafe(VALUE_LENGTH_BYTES);
    valueLength.writeInt32BE(valueBytes.length);
    parts.push(nameLength, nameBytes, valueLength, valueBytes);
  }
  return Buffer.concat(parts);
}

export function encodeBinaryHeader(header: Header): Buffer {
  const remark = Buffer.from(header.remark ?? '');
  const fields = encodeFields(header.fields);
  const fixed = Buffer.allocUnsafe(REMARK_LENGTH_AT + VALUE_LENGTH_BYTES);
  fixed.writeInt16BE(header.code, 0);
  fixed.writeInt8(codeOfLanguage(header.language ?? 'OTHER'), 2);
  fixed.writeInt16BE(header.version, 3);
  fixed.writeInt32BE(header.opaque, 5);
  fixed.writeInt32BE(flagOf(header), 9);
  fixed.writeInt32BE(remark.length, REMARK_LENGTH_AT);
  const fieldsLength = Buffer.allocUnsafe(VALUE_LENGTH_BYTES);
  fieldsLength.writeInt32BE(fields.length);
  return Buffer.concat([fixed, remark, fieldsLength, fields]);
}
