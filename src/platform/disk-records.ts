/**
 * The records of the disk log, byte by byte. Every value starts with a CRC-32 over its key and the rest of the
 * value, so that a record that was flipped, or that ended up under another key, is never taken for good.
 *
 *   key                          value after the 4 bytes of checksum
 *   'i'                          identity, JSON
 *   'h'                          head: version of the log, hard state and extent; in every batch
 *   's'                          snapshot: index, term, bytes, chunks
 *   'c' index:8 chunk:4          one chunk of the snapshot at that index
 *   'e' index:8                  previous term:8 term:8 kind:1, then the entry's bytes
 *
 * Numbers are big-endian, so that keys sort by index; 8-byte numbers are safe integers.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { nodeName } from '../core/primitives/identifiers.ts';
import type { HardState, RaftEntry, SnapshotMeta } from '../core/raft/types.ts';

export const FORMAT_VERSION = 1;

const CHECKSUM_BYTES = 4;
const ENTRY_KEY_BYTES = 9;
const ENTRY_HEADER_BYTES = CHECKSUM_BYTES + 8 + 8 + 1;
const HEAD_NUMBERS = 7;
const SNAPSHOT_NUMBERS = 4;
const HAS_VOTED = 1;
const IS_BOUND = 2;
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
  /** The identity names a tier. */
  readonly isBound: boolean;
};

export type SnapshotRecord = SnapshotMeta & { readonly bytes: number; readonly chunks: number };
export type EntryRecord = { readonly entry: RaftEntry; readonly previousTerm: number };
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

export function entryKey(index: number): Buffer {
  const key = Buffer.allocUnsafe(ENTRY_KEY_BYTES);
  key.write('e', 0, 'latin1');
  writeNumber(key, index, 1);
  return key;
}

export const indexOfEntryKey = (key: Buffer): number | null =>
  key.length === ENTRY_KEY_BYTES ? readNumber(key, 1) : null;

/** Key and value share one allocation; the entry's bytes are copied once. */
export function encodeEntry(entry: RaftEntry, previousTerm: number): KeyValue {
  const record = Buffer.allocUnsafe(ENTRY_KEY_BYTES + ENTRY_HEADER_BYTES + entry.data.length);
  record.write('e', 0, 'latin1');
  writeNumber(record, entry.index, 1);
  const value = record.subarray(ENTRY_KEY_BYTES);
  writeNumber(value, previousTerm, 4);
  writeNumber(value, entry.term, 12);
  value[20] = entry.kind === 'command' ? 1 : 0;
  value.set(entry.data, ENTRY_HEADER_BYTES);
  return seal(record.subarray(0, ENTRY_KEY_BYTES), value);
}

/** Null where the value is intact but not of this format. */
export function decodeEntry(index: number, value: Buffer): EntryRecord | null {
  const kind = value[20];
  if (value.length < ENTRY_HEADER_BYTES || kind === undefined || kind > 1) return null;
  return {
    previousTerm: readNumber(value, 4),
    entry: {
      index,
      term: readNumber(value, 12),
      kind: kind === 1 ? 'command' : 'empty',
      data: value.subarray(ENTRY_HEADER_BYTES),
    },
  };
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
  value[CHECKSUM_BYTES + HEAD_NUMBERS * 8] =
    (head.hardState.votedFor === null ? 0 : HAS_VOTED) + (head.isBound ? IS_BOUND : 0);
  value.set(voteBytes, CHECKSUM_BYTES + HEAD_NUMBERS * 8 + 1);
  return seal(HEAD_KEY, value);
}

export function decodeHead(value: Buffer): LogHead | null {
  const voteAt = CHECKSUM_BYTES + HEAD_NUMBERS * 8;
  const flags = value[voteAt];
  if (flags === undefined) return null;
  const number = (position: number): number => readNumber(value, CHECKSUM_BYTES + position * 8);
  return {
    sequence: number(0),
    hardState: {
      term: number(1),
      commitIndex: number(2),
      votedFor: (flags & HAS_VOTED) === 0 ? null : nodeName(value.toString('utf8', voteAt + 1)),
    },
    snapshot: { index: number(3), term: number(4) },
    lastIndex: number(5),
    lastTerm: number(6),
    isBound: (flags & IS_BOUND) !== 0,
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
