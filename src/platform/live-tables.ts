/**
 * Which tables LevelDB would read: those that its manifest names. Others may lie beside them, torn by a power cut
 * before they were named, and mean nothing.
 *
 * A manifest is a log of edits (log_format.md): blocks of 32 KiB, records with a header of masked CRC-32C (4 bytes),
 * length (2) and type (1), long ones in several parts. What comes after a record that does not hold is not looked at;
 * whether that is a torn end or damage, LevelDB itself says when it opens the same file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';

const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
const PART = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** Paths of files; none where the manifest cannot be read. */
export function liveTables(directory: string): readonly string[] {
  const manifest = manifestOf(directory);
  if (manifest === null) return [];
  const live = new Set<number>();
  for (const edit of editsOf(manifest)) {
    try {
      applyEdit(edit, live);
    } catch (error) {
      if (error instanceof RangeError) break;
      throw error;
    }
  }
  return [...live]
    .map((number) => join(directory, `${String(number).padStart(6, '0')}.ldb`))
    .filter(existsSync);
}

function manifestOf(directory: string): Buffer | null {
  try {
    const name = readFileSync(join(directory, 'CURRENT'), 'latin1').trim();
    return /^MANIFEST-\d+$/.test(name) ? readFileSync(join(directory, name)) : null;
  } catch {
    // LevelDB finds the same, and says so.
    return null;
  }
}

function* editsOf(manifest: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= manifest.length) {
    const leftInBlock = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (leftInBlock < HEADER_BYTES) {
      at += leftInBlock;
      continue;
    }
    const length = manifest.readUInt16LE(at + 4);
    const type = manifest[at + 6];
    const end = at + HEADER_BYTES + length;
    if (end > manifest.length || manifest.readUInt32LE(at) !== maskedCrc32c(manifest, at + 6, end)) return;
    if (type === PART.full || type === PART.first) parts = [];
    parts.push(manifest.subarray(at + HEADER_BYTES, end));
    if (type === PART.full || type === PART.last) yield Buffer.concat(parts);
    at = end;
  }
}

const TAG = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

/** Throws a RangeError for what is not an edit. */
function applyEdit(edit: Buffer, live: Set<number>): void {
  const cursor = { at: 0 };
  const number = (): number => readVarint(edit, cursor);
  const passText = (): void => {
    const length = number();
    cursor.at += length;
  };
  while (cursor.at < edit.length) {
    switch (number()) {
      case TAG.comparator:
        passText();
        break;
      case TAG.logNumber:
      case TAG.nextFile:
      case TAG.lastSequence:
      case TAG.previousLog:
        number();
        break;
      case TAG.compactPointer:
        number();
        passText();
        break;
      case TAG.deletedFile:
        number();
        live.delete(number());
        break;
      case TAG.newFile:
        number();
        live.add(number());
        number();
        passText();
        passText();
        break;
      default:
        throw new RangeError('an edit of an unknown kind');
    }
  }
}

/** LevelDB's numbers: seven bits a byte, the lowest first. Throws a RangeError at the end of the bytes. */
export function readVarint(bytes: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
    const byte = bytes.readUInt8(cursor.at);
    cursor.at += 1;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
  throw new RangeError('a number of too many bytes');
}
