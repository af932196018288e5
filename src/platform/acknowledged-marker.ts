/**
 * A small file beside the log that says how many batches were acknowledged. LevelDB forgets a damaged tail of its
 * write-ahead log without a word, as after a torn write; but a batch that was acknowledged was synced, and its loss
 * means that a vote or an entry that others count on is gone. The marker tells the two apart: it is written after
 * the sync, so it can be older than the log, and never newer than an undamaged one.
 *
 * It is not synced itself (a write into the page cache costs microseconds, a second sync would halve the rate): it
 * catches every loss except that of the last moments before a power cut, where a torn tail is lawful anyway.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from './durable-names.ts';

const MARKER_BYTES = 16;
const MAGIC = 0x706c7831;

export type AcknowledgedMarker = {
  /** Records that the batch of this number is on disk. */
  advance(sequence: number): void;
  close(): void;
};

function encode(sequence: number): Buffer {
  const bytes = Buffer.alloc(MARKER_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeBigUInt64BE(BigInt(sequence), 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 12)), 12);
  return bytes;
}

/** The sequence in the file; null where there is no such file, `damaged` where its content makes no sense. */
export function readMarker(path: string): number | 'damaged' | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const sound =
    bytes.length === MARKER_BYTES &&
    bytes.readUInt32BE(0) === MAGIC &&
    bytes.readUInt32BE(12) === crc32(bytes.subarray(0, 12));
  return sound ? Number(bytes.readBigUInt64BE(4)) : 'damaged';
}

/** Opens the marker, or makes it, in a way that survives a power cut: under its name it is never without content. */
export function openMarker(path: string, sequence: number): AcknowledgedMarker {
  const isNew = !existsSync(path);
  const unfinished = `${path}.new`;
  const file = openSync(isNew ? unfinished : path, isNew ? 'w+' : 'r+');
  writeSync(file, encode(sequence), 0, MARKER_BYTES, 0);
  if (isNew) {
    fsyncSync(file);
    renameSync(unfinished, path);
    syncDirectory(dirname(path));
  }
  return {
    advance: (reached) => {
      writeSync(file, encode(reached), 0, MARKER_BYTES, 0);
    },
    close: () => {
      closeSync(file);
    },
  };
}
