/**
 * LevelDB's tables carry a checksum for each block, but the binding opens them without having them verified: a flipped
 * bit ends the process within LevelDB, by an assertion and without a word that helps, or goes unnoticed where it meets
 * what no record of ours covers. So they are verified here, before LevelDB sees the files.
 *
 * A table, as LevelDB's table_format.md has it: blocks, each followed by a type (1 byte) and a masked CRC-32C over block
 * and type; the last one is the index, whose values say where the other blocks are; then a footer of 48 bytes.
 */
import { readFileSync } from 'node:fs';
import { maskedCrc32c } from './crc32c.ts';
import { readVarint } from './live-tables.ts';

const FOOTER_BYTES = 48;
const MAGIC_LOW = 0x8b80fb57;
const MAGIC_HIGH = 0xdb477524;
const TRAILER_BYTES = 5;
const UNCOMPRESSED = 0;

type Cursor = { at: number };
type Handle = { readonly offset: number; readonly size: number };

/** Null for a sound table, else what is wrong with it. */
export function tableFault(path: string): string | null {
  const table = readFileSync(path);
  const footerAt = table.length - FOOTER_BYTES;
  if (footerAt < 0) return 'a file that is too short for a table';
  const isTable =
    table.readUInt32LE(footerAt + 40) === MAGIC_LOW && table.readUInt32LE(footerAt + 44) === MAGIC_HIGH;
  if (!isTable) return 'a file that does not end like a table';
  try {
    const cursor = { at: footerAt };
    const metaindex = readHandle(table, cursor);
    const index = readHandle(table, cursor);
    for (const handle of [index, metaindex]) {
      if (!isBlockIntact(table, handle)) return `a block at ${handle.offset} whose checksum does not hold`;
    }
    for (const handle of [...handlesIn(table, index), ...handlesIn(table, metaindex)]) {
      if (!isBlockIntact(table, handle)) return `a block at ${handle.offset} whose checksum does not hold`;
    }
    return null;
  } catch (error) {
    if (error instanceof RangeError) return 'a table that points past its own end';
    throw error;
  }
}

/** Values of an index block, whose checksum holds. Keys share their beginnings and are passed over. */
function* handlesIn(table: Buffer, { offset, size }: Handle): Generator<Handle> {
  // We write tables uncompressed. One that another program has compressed is not looked into any further.
  if (table.readUInt8(offset + size) !== UNCOMPRESSED) return;
  const restarts = table.readUInt32LE(offset + size - 4);
  const end = offset + size - 4 * (restarts + 1);
  const cursor = { at: offset };
  while (cursor.at < end) {
    readVarint(table, cursor);
    const keyBytes = readVarint(table, cursor);
    const valueBytes = readVarint(table, cursor);
    cursor.at += keyBytes;
    yield readHandle(table, { at: cursor.at });
    cursor.at += valueBytes;
  }
}

function isBlockIntact(table: Buffer, { offset, size }: Handle): boolean {
  const stored = table.readUInt32LE(offset + size + TRAILER_BYTES - 4);
  return stored === maskedCrc32c(table, offset, offset + size + 1);
}

function readHandle(table: Buffer, cursor: Cursor): Handle {
  return { offset: readVarint(table, cursor), size: readVarint(table, cursor) };
}
