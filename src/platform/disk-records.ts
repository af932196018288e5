/**
 * The records of the disk log, byte by byte. Every value starts with a CRC-32 over its key and the rest of the
 * value, so that a record that was flipped, or that ended up under another key, is never taken for good.
 *
 *   key                          value after the 4 bytes of checksum
 *   'i'                          identity, JSON
 *   'h'                          head: version of the log, hard state and extent; in every batch
 *   's'                          snapshot: index, term, bytes, chunks
 *   'c' index:8 chunk:4          one chunk of the snapshot at that index
 *   'e' index:8                  a block of entries that were written together, from that index on:
 *                                previous term:8 count:4 (term:8 kind:1 bytes:4)*, then the entries' bytes
 *
 * Numbers are big-endian, so that keys sort by index; 8-byte numbers are safe integers.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { nodeName } from '../core/primitives/identifiers.ts';
import type { HardState, RaftEntry, SnapshotMeta } from '../core/raft/types.ts';

export const FORMAT_VERSION = 2;

const CHECKSUM_BYTES = 4;
const BLOCK_KEY_BYTES = 9;
const BLOCK_HEADER_BYTES = CHECKSUM_BYTES + 8 + 4;
const ENTRY_HEADER_BYTES = 8 + 1 + 4;
const HEAD_NUMBERS = 7;
const SNAPSHOT_NUMBERS = 4;
const UINT32 = 0x1_0000_0000;

export const IDENTITY_KEY = Buffer.from('i');
export const HEAD_KEY = Buffer.from('h');
export const SNAPSHOT_KEY = Buffer.from('s');

/** First byte of a key, as a letter; anything else than these is of another format. */
export const kindOfKey = (key: Buffer): string => String.fromCharCode(key[0] ?? 0);

export type LogIdentity = {
  readonly formatVersion: number;
  /** Null until the first command of the tier has been applied. */
  readonly tierId: string | null;
  readonly node: string;
  /** Made with the directory: a node that lost its disk and starts afresh has another one. */
  readonly directoryId: string;
};

/** Everything that says what the log must contain. `sequence` counts the batches of this directory. */
export type LogHead = {
  readonly sequence: number;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMeta;
  readonly lastIndex: number;
  readonly lastTerm: number;
};

export type SnapshotRecord = SnapshotMeta & { readonly bytes: number; readonly chunks: number };
/** `previousTerm` is that of the entry before the first. */
export type EntryBlock = { readonly previousTerm: number; readonly entries: readonly RaftEntry[] };
export type KeyValue = { readonly key: Buffer; readonly value: Buffer };

const identitySchema = z.object({
  formatVersion: z.int().min(0),
  tierId: z.string().nullable(),
  node: z.string(),
  directoryId: z.string().min(1),
});

function writeNumber(into: Buffer, value: number, at: number): void {
  into.writeUInt32BE(Math.floor(value / UINT32), at);
  into.writeUInt32BE(value % UINT32, at + 4);
}

const readNumber = (from: Buffer, at: number): number =>
  from.readUInt32BE(at) * UINT32 + from.readUInt32BE(at + 4);

/** Puts the checksum into the first bytes of `value`, which the caller has left free. */
function seal(key: Buffer, value: Buffer): KeyValue {
  value.writeUInt32BE(crc32(value.subarray(CHECKSUM_BYTES), crc32(key)), 0);
  return { key, value };
}

/** True when the checksum of a record holds; nothing of a record may be read before. */
export const isIntact = (key: Buffer, value: Buffer): boolean =>
  value.length >= CHECKSUM_BYTES &&
  value.readUInt32BE(0) === crc32(value.subarray(CHECKSUM_BYTES), crc32(key));

function writeBlockKey(into: Buffer, firstIndex: number): void {
  into.write('e', 0, 'latin1');
  writeNumber(into, firstIndex, 1);
}

export function blockKey(firstIndex: number): Buffer {
  const key = Buffer.allocUnsafe(BLOCK_KEY_BYTES);
  writeBlockKey(key, firstIndex);
  return key;
}

export const firstIndexOfBlockKey = (key: Buffer): number | null =>
  key.length === BLOCK_KEY_BYTES ? readNumber(key, 1) : null;

/** Key and value share one allocation; the entries' bytes are copied once. There is at least one entry. */
export function encodeBlock({ previousTerm, entries }: EntryBlock): KeyValue {
  const bytes = entries.reduce((sum, { data }) => sum + ENTRY_HEADER_BYTES + data.length, 0);
  const record = Buffer.allocUnsafe(BLOCK_KEY_BYTES + BLOCK_HEADER_BYTES + bytes);
  writeBlockKey(record, entries[0]?.index ?? 0);
  const value = record.subarray(BLOCK_KEY_BYTES);
  writeNumber(value, previousTerm, CHECKSUM_BYTES);
  let headerAt = value.writeUInt32BE(entries.length, CHECKSUM_BYTES + 8);
  let dataAt = headerAt + entries.length * ENTRY_HEADER_BYTES;
  for (const { term, kind, data } of entries) {
    writeNumber(value, term, headerAt);
    value[headerAt + 8] = kind === 'command' ? 1 : 0;
    headerAt = value.writeUInt32BE(data.length, headerAt + 9);
    value.set(data, dataAt);
    dataAt += data.length;
  }
  return seal(record.subarray(0, BLOCK_KEY_BYTES), value);
}

/** Null where the value is intact but not of this format. The entries' bytes are views of it. */
export function decodeBlock(firstIndex: number, value: Buffer): EntryBlock | null {
  if (value.length < BLOCK_HEADER_BYTES) return null;
  const count = value.readUInt32BE(CHECKSUM_BYTES + 8);
  let headerAt = BLOCK_HEADER_BYTES;
  let dataAt = headerAt + count * ENTRY_HEADER_BYTES;
  if (count === 0 || dataAt > value.length) return null;
  const entries: RaftEntry[] = [];
  for (let position = 0; position < count; position += 1) {
    const kind = value[headerAt + 8];
    const end = dataAt + value.readUInt32BE(headerAt + 9);
    if (kind === undefined || kind > 1 || end > value.length) return null;
    entries.push({
      index: firstIndex + position,
      term: readNumber(value, headerAt),
      kind: kind === 1 ? 'command' : 'empty',
      data: value.subarray(dataAt, end),
    });
    headerAt += ENTRY_HEADER_BYTES;
    dataAt = end;
  }
  return dataAt === value.length ? { previousTerm: readNumber(value, CHECKSUM_BYTES), entries } : null;
}

export function encodeHead(head: LogHead): KeyValue {
  const voteBytes = Buffer.from(head.hardState.votedFor ?? '');
  const numbers = [
    head.sequence,
    head.hardState.term,
    head.hardState.commitIndex,
    head.snapshot.index,
    head.snapshot.term,
    head.lastIndex,
    head.lastTerm,
  ];
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + HEAD_NUMBERS * 8 + 1 + voteBytes.length);
  numbers.forEach((number, position) => {
    writeNumber(value, number, CHECKSUM_BYTES + position * 8);
  });
  value[CHECKSUM_BYTES + HEAD_NUMBERS * 8] = head.hardState.votedFor === null ? 0 : 1;
  value.set(voteBytes, CHECKSUM_BYTES + HEAD_NUMBERS * 8 + 1);
  return seal(HEAD_KEY, value);
}

export function decodeHead(value: Buffer): LogHead | null {
  const voteAt = CHECKSUM_BYTES + HEAD_NUMBERS * 8;
  if (value.length < voteAt + 1) return null;
  const number = (position: number): number => readNumber(value, CHECKSUM_BYTES + position * 8);
  return {
    sequence: number(0),
    hardState: {
      term: number(1),
      commitIndex: number(2),
      votedFor: value[voteAt] === 0 ? null : nodeName(value.toString('utf8', voteAt + 1)),
    },
    snapshot: { index: number(3), term: number(4) },
    lastIndex: number(5),
    lastTerm: number(6),
  };
}

export function encodeSnapshotRecord(record: SnapshotRecord): KeyValue {
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + SNAPSHOT_NUMBERS * 8);
  [record.index, record.term, record.bytes, record.chunks].forEach((number, position) => {
    writeNumber(value, number, CHECKSUM_BYTES + position * 8);
  });
  return seal(SNAPSHOT_KEY, value);
}

export function decodeSnapshotRecord(value: Buffer): SnapshotRecord | null {
  if (value.length !== CHECKSUM_BYTES + SNAPSHOT_NUMBERS * 8) return null;
  return {
    index: readNumber(value, 4),
    term: readNumber(value, 12),
    bytes: readNumber(value, 20),
    chunks: readNumber(value, 28),
  };
}

export function chunkKey(index: number, chunk: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key.write('c', 0, 'latin1');
  writeNumber(key, index, 1);
  key.writeUInt32BE(chunk, 9);
  return key;
}

export function encodeChunk(index: number, chunk: number, data: Uint8Array): KeyValue {
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + data.length);
  value.set(data, CHECKSUM_BYTES);
  return seal(chunkKey(index, chunk), value);
}

export const decodeChunk = (value: Buffer): Buffer => value.subarray(CHECKSUM_BYTES);

export function encodeIdentity(identity: LogIdentity): KeyValue {
  const json = Buffer.from(JSON.stringify(identity));
  return seal(IDENTITY_KEY, Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), json]));
}

export function decodeIdentity(value: Buffer): LogIdentity | null {
  try {
    const parsed = identitySchema.safeParse(JSON.parse(value.toString('utf8', CHECKSUM_BYTES)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
