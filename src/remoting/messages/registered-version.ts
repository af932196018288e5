/**
 * The data version in the body of a registration, found without reading the rest: it is all that tells whether a body of
 * thousands of topics says anything new. Nothing is concluded where it is not written as brokers write it; the body has
 * to be read as a whole then.
 */
import { constants, inflateSync } from 'node:zlib';
import { parseBody } from '../parse.ts';
import { isCompressed } from './compressed-registration.ts';
import { type DataVersion, dataVersionSchema } from './data-version.ts';

/** No topic is called so and has these members alone, and within a text the quotes would be escaped. */
const KEY = '"dataVersion":';
const NUMBERS = /^\{(?:"(?:counter|stateVersion|timestamp)":\d{1,16}[,}]){2,3}$/;
/** Three names and three numbers are shorter. */
const MOST_BYTES = 128;
const CLOSE = 0x7d;

/** So many bytes of a zlib stream hold its first table and the version behind it. */
const HEAD_BYTES = 512;
const MOST_INFLATED_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/** Null where it cannot be told. */
export function registeredVersion(body: Buffer): DataVersion | null {
  if (isCompressed(body)) return compressedVersion(body);
  const keyAt = body.indexOf(KEY);
  return keyAt < 0 ? null : versionAt(body.subarray(keyAt + KEY.length));
}

function versionAt(bytes: Buffer): DataVersion | null {
  const end = bytes.subarray(0, MOST_BYTES).indexOf(CLOSE) + 1;
  const object = bytes.subarray(0, end);
  if (!NUMBERS.test(object.toString('latin1'))) return null;
  const version = parseBody(dataVersionSchema, object);
  return version.kind === 'read' ? version.value : null;
}

/** The stream begins with the length of the version and the version. */
function compressedVersion(body: Buffer): DataVersion | null {
  const inflated = inflatedHead(body);
  if (inflated === null || inflated.length < LENGTH_BYTES) return null;
  const bytes = inflated.readInt32BE(0);
  if (bytes < 0 || bytes > MOST_BYTES || inflated.length < LENGTH_BYTES + bytes) return null;
  return versionAt(inflated.subarray(LENGTH_BYTES, LENGTH_BYTES + bytes));
}

function inflatedHead(body: Buffer): Buffer | null {
  try {
    return inflateSync(body.subarray(0, HEAD_BYTES), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MOST_INFLATED_BYTES,
    });
  } catch {
    return null;
  }
}
