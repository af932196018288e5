/**
 * LogPort on LevelDB. One `persist` is one synced batch; every batch also writes the head, which states what the
 * log has to contain, so that reading back compares a claim with what is there instead of believing what is there.
 *
 * Nothing is ever repaired here: what does not hold ends in a {@link DamagedLogError}. Layout of a data directory:
 * `log/` (LevelDB, records of disk-records.ts) and `acknowledged` (acknowledged-marker.ts).
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { LogPort } from '../core/node/ports.ts';
import { assert, must } from '../core/primitives/assert.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { RaftSnapshot } from '../core/raft/types.ts';
import { type AcknowledgedMarker, openMarker, readMarker } from './acknowledged-marker.ts';
import { DamagedLogError, LogInUseError, UnusableDiskError } from './damaged-log-error.ts';
import { readBack } from './disk-log-reader.ts';
import {
  blockKey,
  chunkKey,
  decodeIdentity,
  type EntryBlock,
  encodeBlock,
  encodeChunk,
  encodeHead,
  encodeIdentity,
  encodeSnapshotRecord,
  FORMAT_VERSION,
  IDENTITY_KEY,
  isIntact,
  type LogIdentity,
} from './disk-records.ts';
import { nameKeeper, syncDirectory } from './durable-names.ts';
import { liveTables } from './live-tables.ts';
import { blocksOf, LogBlocks } from './log-blocks.ts';
import { advanceExtent, emptyExtent, type LogExtent, lastTerm } from './log-extent.ts';
import { tableFault } from './table-checksums.ts';
import { WriteQueue } from './write-queue.ts';

export type LogDatabase = ClassicLevel<Buffer, Buffer>;

export type DiskLogOptions = { readonly directory: string; readonly node: NodeName };

export type DiskLog = LogPort & {
  /** Whose log this is. `tierId` is null until {@link DiskLog.bindTier}. */
  identity(): LogIdentity;
  /** Ties the directory to a tier, synced. A directory of another tier is refused with DamagedLogError. */
  bindTier(tierId: string): Promise<void>;
};

const databasePath = (directory: string): string => join(directory, 'log');
/** Where a first start makes the log before it bears its name. */
const unfinishedPath = (directory: string): string => join(directory, 'log.new');
const markerPath = (directory: string): string => join(directory, 'acknowledged');

/**
 * True where no node has ever kept a log in this directory: a first start, or a disk that was lost. Only the peers
 * can tell these two apart: a member of a tier that is already bootstrapped must not start empty under its old
 * name, for it could vote twice.
 */
export function diskLogIsEmpty(directory: string): boolean {
  if (existsSync(markerPath(directory))) return false;
  const path = databasePath(directory);
  // LevelDB's first steps leave some of its files behind when they are interrupted, but none that holds a record.
  return (
    !existsSync(path) ||
    !readdirSync(path).some((file) => file === 'CURRENT' || /\.(log|ldb|sst)$/.test(file))
  );
}

/**
 * Opens the log of `node` in `directory`, which is made where it does not exist. `load` must be called before the
 * first `persist`. Throws {@link LogInUseError} where another process holds the directory, {@link DamagedLogError}
 * for what cannot be trusted, and the system's own error where the directory cannot be used at all.
 */
export async function openDiskLog(options: DiskLogOptions): Promise<DiskLog> {
  const { directory } = options;
  if (diskLogIsEmpty(directory)) await initialise(directory, options.node);
  checkFiles(directory);
  const database = await openDatabase(directory, databasePath(directory), false);
  try {
    const identity = await readIdentity(database, options);
    return createLog(database, directory, identity);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * What LevelDB would do with files that are not as they were cannot be undone: it takes what it cannot read of its
 * write-ahead log for nothing, writes the rest to a table and deletes the log; and a table whose blocks do not hold
 * ends the process. So everything is read once before LevelDB may touch it.
 */
function checkFiles(directory: string): void {
  const path = databasePath(directory);
  try {
    const files = existsSync(path) ? readdirSync(path) : [];
    for (const file of files) passOver(join(path, file));
    passOver(markerPath(directory));
  } catch (error) {
    throw new UnusableDiskError(directory, 'used', error);
  }
  for (const table of liveTables(path)) {
    const found = tableFault(table);
    if (found === null) continue;
    const record = `the table ${basename(table)}`;
    throw new DamagedLogError({ directory, record, expected: 'blocks whose checksums hold', found });
  }
}

/** Reads a file to its end; one that is gone meanwhile, or never was, is somebody else's business. */
function passOver(path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** What the system says where the log itself may be sound. */
const SYSTEM_REFUSAL =
  /permission denied|too many open files|no space left|read-only file system|input\/output error/i;

async function openDatabase(directory: string, path: string, createIfMissing: boolean): Promise<LogDatabase> {
  const database: LogDatabase = new ClassicLevel(path, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    // Where there should be a log, LevelDB must not make an empty one in its place.
    createIfMissing,
  });
  try {
    await database.open();
    return database;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'LEVEL_LOCKED') throw new LogInUseError(directory, error);
    const found = cause instanceof Error ? cause.message : String(error);
    if (SYSTEM_REFUSAL.test(found)) throw new UnusableDiskError(directory, 'used', cause);
    throw new DamagedLogError(
      {
        directory,
        record: 'the files of the log',
        expected: 'a log that opens',
        found,
      },
      error,
    );
  }
}

/**
 * A power cut in the middle of a first start must leave either nothing or a log that opens, for nobody could tell its
 * remains from damage. So the log is made under another name, and gets its own when everything in it is on disk.
 */
async function initialise(directory: string, node: NodeName): Promise<void> {
  const unfinished = unfinishedPath(directory);
  const database = await openUnfinished(directory, unfinished);
  try {
    const batch = database.batch();
    const identity = encodeIdentity({
      formatVersion: FORMAT_VERSION,
      tierId: null,
      node,
      directoryId: randomUUID(),
    });
    batch.put(identity.key, identity.value);
    const head = encodeHead(headOf(emptyExtent(), 0, false));
    batch.put(head.key, head.value);
    await batch.write({ sync: true });
  } finally {
    await database.close();
  }
  syncDirectory(unfinished);
  if (!diskLogIsEmpty(directory)) {
    throw new LogInUseError(directory, new Error('another process made its first start here meanwhile'));
  }
  // LevelDB's first steps, without a record; a directory in the way of the new name.
  rmSync(databasePath(directory), { recursive: true, force: true });
  renameSync(unfinished, databasePath(directory));
  syncDirectory(directory);
  syncDirectory(dirname(directory));
  openMarker(markerPath(directory), 0).close();
}

/** Goes on with the remains of a first start that was interrupted, or without them where they do not open. */
async function openUnfinished(directory: string, unfinished: string): Promise<LogDatabase> {
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  try {
    return await openDatabase(directory, unfinished, true);
  } catch (error) {
    if (!(error instanceof DamagedLogError)) throw error;
    rmSync(unfinished, { recursive: true });
    mkdirSync(unfinished, { mode: 0o700 });
    return openDatabase(directory, unfinished, true);
  }
}

async function readIdentity(database: LogDatabase, options: DiskLogOptions): Promise<LogIdentity> {
  const { directory, node } = options;
  const record = 'the identity record';
  const expected = `the identity of node ${node} in format ${FORMAT_VERSION}`;
  const value = await database.get(IDENTITY_KEY).catch((error: unknown) => {
    const found = error instanceof Error ? error.message : String(error);
    throw new DamagedLogError({ directory, record, expected, found }, error);
  });
  if (value === undefined) throw new DamagedLogError({ directory, record, expected, found: 'none' });
  if (!isIntact(IDENTITY_KEY, value)) {
    throw new DamagedLogError({
      directory,
      record,
      expected,
      found: 'a record whose checksum does not hold',
    });
  }
  const identity = decodeIdentity(value);
  if (identity === null || identity.formatVersion !== FORMAT_VERSION) {
    throw new DamagedLogError({
      directory,
      record,
      expected,
      found: identity === null ? 'a record of an unknown format' : `format ${identity.formatVersion}`,
      advice: 'Nothing was changed. Start the version of pollux that wrote this directory.',
    });
  }
  if (identity.node !== node) {
    throw new DamagedLogError({
      directory,
      record,
      expected,
      found: `the log of node ${identity.node}`,
      advice: `Nothing was changed. Point node ${node} at its own data directory, or call this node ${identity.node}.`,
    });
  }
  return identity;
}

const headOf = (extent: LogExtent, sequence: number, isBound: boolean) => ({
  sequence,
  hardState: extent.hardState,
  snapshot: extent.snapshot,
  lastIndex: extent.lastIndex,
  lastTerm: lastTerm(extent),
  isBound,
});

type Records = ReturnType<LogDatabase['batch']>;

async function writeSynced(records: Records, keepNames: () => Promise<void>): Promise<void> {
  await records.write({ sync: true });
  await keepNames();
}

/** Returns the number of chunks. */
function putSnapshot(records: Records, snapshot: RaftSnapshot): number {
  const { index, term, data } = snapshot;
  const chunks = Math.ceil(data.length / LIMITS.snapshotRecordBytes);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const from = chunk * LIMITS.snapshotRecordBytes;
    const { key, value } = encodeChunk(index, chunk, data.subarray(from, from + LIMITS.snapshotRecordBytes));
    records.put(key, value);
  }
  const { key, value } = encodeSnapshotRecord({ index, term, bytes: data.length, chunks });
  records.put(key, value);
  return chunks;
}

/** Returns where it begins. */
function putBlock(records: Records, block: EntryBlock): number {
  const { key, value } = encodeBlock(block);
  records.put(key, value);
  return must(block.entries[0], 'a block holds an entry').index;
}

function createLog(database: LogDatabase, directory: string, opened: LogIdentity): DiskLog {
  let identity = opened;
  let extent: LogExtent | null = null;
  let marker: AcknowledgedMarker | null = null;
  let sequence = 0;
  let snapshotChunks = 0;
  let blocks = new LogBlocks([]);
  let closed = false;
  const writes = new WriteQueue();
  const keepNames = nameKeeper(databasePath(directory));
  /** Adds the head, and resolves when all of it is on disk, in files that will be found there. */
  const commit = (records: Records, current: LogExtent): Promise<void> => {
    sequence += 1;
    const reached = sequence;
    const head = encodeHead(headOf(current, reached, identity.tierId !== null));
    records.put(head.key, head.value);
    return writes.add(async () => {
      await writeSynced(records, keepNames).catch((error: unknown) => {
        throw new UnusableDiskError(directory, 'written', error);
      });
      must(marker, 'a loaded log has its marker').advance(reached);
    });
  };

  return {
    identity: () => identity,
    load: async () => {
      await writes.settled();
      const acknowledged = readMarker(markerPath(directory));
      const found = await readBack(database, directory, acknowledged, identity.tierId !== null);
      extent = found.extent;
      sequence = found.sequence;
      snapshotChunks = found.snapshotChunks;
      blocks = new LogBlocks(found.blocks);
      marker ??= openMarker(markerPath(directory), sequence);
      return found.restored;
    },
    persist: async (batch) => {
      assert(!closed, 'the log is closed');
      const current = must(extent, 'a log is loaded before it is written');
      const { snapshot: replaced } = current;
      const { cutFrom, previousTerm, appended } = advanceExtent(current, batch);
      const records = database.batch();
      const gone = cutFrom === null ? [] : blocks.cutFrom(cutFrom);
      for (const first of [...gone, ...blocks.dropBelow(current.oldestStored)]) records.del(blockKey(first));
      if (batch.snapshot !== null) {
        for (let chunk = 0; chunk < snapshotChunks; chunk += 1) records.del(chunkKey(replaced.index, chunk));
        snapshotChunks = putSnapshot(records, batch.snapshot);
      }
      for (const block of blocksOf(appended, previousTerm)) {
        blocks.add(putBlock(records, block));
      }
      await commit(records, current);
    },
    bindTier: async (tierId) => {
      assert(!closed, 'the log is closed');
      if (identity.tierId === tierId) return;
      if (identity.tierId !== null) {
        throw new DamagedLogError({
          directory,
          record: 'the identity record',
          expected: `tier ${tierId}`,
          found: `tier ${identity.tierId}`,
          advice: 'Nothing was changed. Give each tier directories of its own.',
        });
      }
      identity = { ...identity, tierId };
      const { key, value } = encodeIdentity(identity);
      await commit(database.batch().put(key, value), must(extent, 'a log is loaded before it is bound'));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      // A failed write was reported to whoever asked for it.
      await writes.settled().catch(() => undefined);
      await database.close();
      marker?.close();
    },
  };
}
