/**
 * Reads a disk log back and compares everything with what its head claims. The order of the checks is the order of
 * trust: the marker vouches for the head, the head for the snapshot and the last entry, each entry for the one before.
 */
import type { ClassicLevel } from 'classic-level';
import type { RaftEntry, RaftSnapshot, RestoredLog } from '../core/raft/types.ts';
import { DamagedLogError } from './damaged-log-error.ts';
import {
  blockKey,
  chunkKey,
  decodeBlock,
  decodeChunk,
  decodeHead,
  decodeSnapshotRecord,
  firstIndexOfBlockKey,
  HEAD_KEY,
  isIntact,
  kindOfKey,
  type LogHead,
  SNAPSHOT_KEY,
} from './disk-records.ts';
import { emptyExtent, extend, type LogExtent, lastTerm } from './log-extent.ts';

/** Records fetched from LevelDB at a time. */
const RECORDS_PER_READ = 1_000;

export type ReadBack = {
  readonly restored: RestoredLog;
  readonly extent: LogExtent;
  readonly sequence: number;
  readonly snapshotChunks: number;
  /** Where the blocks that are kept begin. */
  readonly blocks: readonly number[];
};

type Damage = (record: string, expected: string, found: string) => DamagedLogError;
type Database = ClassicLevel<Buffer, Buffer>;

const BAD_CHECKSUM = 'a record whose checksum does not hold';

/** Throws {@link DamagedLogError}. `acknowledged` is what the marker file says, see readMarker. */
export async function readBack(
  database: Database,
  directory: string,
  acknowledged: number | 'damaged' | null,
): Promise<ReadBack> {
  const damage: Damage = (record, expected, found) =>
    new DamagedLogError({ directory, record, expected, found });
  try {
    const head = await readHead(database, damage);
    checkMarker(head, acknowledged, damage);
    const { snapshot, chunks } = await readSnapshot(database, head, damage);
    const extent: LogExtent = {
      ...emptyExtent(),
      hardState: head.hardState,
      snapshot: head.snapshot,
      oldestStored: head.snapshot.index + 1,
      compactBelow: head.snapshot.index + 1,
      lastIndex: head.snapshot.index,
    };
    const { entries, blocks } = await readEntries(database, head, extent, damage);
    checkHardState(head, damage);
    // What is behind the snapshot serves nobody after a restart. Lost again in a power cut, it is deleted next time.
    await database.clear({ gte: blockKey(0), lt: blockKey(blocks[0] ?? head.lastIndex + 1) });
    const restored = { hardState: head.hardState, snapshot, entries };
    return { restored, extent, sequence: head.sequence, snapshotChunks: chunks, blocks };
  } catch (error) {
    if (error instanceof DamagedLogError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new DamagedLogError(
      { directory, record: 'the files of the log', expected: 'records that can be read', found },
      error,
    );
  }
}

async function readHead(database: Database, damage: Damage): Promise<LogHead> {
  const expected = 'the record that is in every batch';
  const value = await database.get(HEAD_KEY);
  if (value === undefined) throw damage('the hard state', expected, 'none');
  if (!isIntact(HEAD_KEY, value)) throw damage('the hard state', expected, BAD_CHECKSUM);
  const head = decodeHead(value);
  if (head === null) throw damage('the hard state', expected, 'a record of an unknown format');
  return head;
}

function checkMarker(head: LogHead, acknowledged: number | 'damaged' | null, damage: Damage): void {
  const record = 'the count of acknowledged batches';
  const expected = `at most ${head.sequence}, the newest batch of the log`;
  // The first start was interrupted between its only batch and the marker.
  if (acknowledged === null && head.sequence === 0) return;
  if (acknowledged === null) throw damage(record, expected, 'no such file');
  if (acknowledged === 'damaged') throw damage(record, expected, 'a file that makes no sense');
  if (acknowledged > head.sequence) {
    throw damage(record, expected, `${acknowledged}: batches that were acknowledged are gone`);
  }
}

async function readSnapshot(
  database: Database,
  head: LogHead,
  damage: Damage,
): Promise<{ snapshot: RaftSnapshot | null; chunks: number }> {
  const { index, term } = head.snapshot;
  const record = `the snapshot at ${index}`;
  const value = await database.get(SNAPSHOT_KEY);
  if (index === 0) {
    if (value !== undefined) throw damage('the snapshot', 'none', 'one that the hard state does not know');
    return { snapshot: null, chunks: 0 };
  }
  const expected = `a snapshot of term ${term}`;
  if (value === undefined) throw damage(record, expected, 'none');
  if (!isIntact(SNAPSHOT_KEY, value)) throw damage(record, expected, BAD_CHECKSUM);
  const found = decodeSnapshotRecord(value);
  if (found === null) throw damage(record, expected, 'a record of an unknown format');
  if (found.index !== index || found.term !== term) {
    throw damage(record, expected, `a snapshot at ${found.index} of term ${found.term}`);
  }
  const parts: Buffer[] = [];
  for (let chunk = 0; chunk < found.chunks; chunk += 1) {
    const key = chunkKey(index, chunk);
    const part = await database.get(key);
    const name = `chunk ${chunk} of the snapshot at ${index}`;
    if (part === undefined) throw damage(name, 'a part of the snapshot', 'none');
    if (!isIntact(key, part)) throw damage(name, 'a part of the snapshot', BAD_CHECKSUM);
    parts.push(decodeChunk(part));
  }
  const data = Buffer.concat(parts);
  if (data.length !== found.bytes) throw damage(record, `${found.bytes} bytes`, `${data.length} bytes`);
  return { snapshot: { index, term, data }, chunks: found.chunks };
}

/** Goes through all records behind the snapshot's, so that one of an unknown kind is noticed as well. */
async function readEntries(
  database: Database,
  head: LogHead,
  extent: LogExtent,
  damage: Damage,
): Promise<{ readonly entries: readonly RaftEntry[]; readonly blocks: readonly number[] }> {
  const chain: Chain = { head, extent, damage, entries: [], blocks: [] };
  /** A block is read when the one behind it is known, which may take the place of its tail. */
  let held: Block | null = null;
  const iterator = database.iterator({ gt: Buffer.from('d') });
  try {
    for (;;) {
      const records = await iterator.nextv(RECORDS_PER_READ);
      if (records.length === 0) break;
      for (const [key, value] of records) {
        const first = firstIndexOf(key, damage);
        if (first === null) continue;
        if (first > head.lastIndex) throw damage(`entry ${first}`, `no entry after ${head.lastIndex}`, 'one');
        if (held !== null) readBlock(held, first - 1, chain);
        held = { first, key, value };
      }
    }
  } finally {
    await iterator.close();
  }
  if (held !== null) readBlock(held, head.lastIndex, chain);
  if (extent.lastIndex !== head.lastIndex) {
    throw damage(`entry ${extent.lastIndex + 1}`, `entries up to ${head.lastIndex}`, 'none');
  }
  if (lastTerm(extent) !== head.lastTerm) {
    throw damage(`entry ${head.lastIndex}`, `term ${head.lastTerm}`, `term ${lastTerm(extent)}`);
  }
  return chain;
}

type Block = { readonly first: number; readonly key: Buffer; readonly value: Buffer };

/** What was read so far. */
type Chain = {
  readonly head: LogHead;
  readonly extent: LogExtent;
  readonly damage: Damage;
  readonly entries: RaftEntry[];
  readonly blocks: number[];
};

/** Null for a record that holds no entries. */
function firstIndexOf(key: Buffer, damage: Damage): number | null {
  const kind = kindOfKey(key);
  if (kind === 'h' || kind === 'i' || kind === 's') return null;
  const index = kind === 'e' ? firstIndexOfBlockKey(key) : null;
  if (index === null)
    throw damage(`record ${key.toString('hex')}`, 'a kind of record that is known', 'another');
  return index;
}

/** Takes the entries of a block up to `last`: what it holds beyond was cut off later. */
function readBlock({ first, key, value }: Block, last: number, chain: Chain): void {
  const { head, extent, damage, entries, blocks } = chain;
  const record = `entry ${first}`;
  // Wholly behind the snapshot: it waits to be deleted, and nobody reads it any more.
  if (last <= head.snapshot.index) return;
  const next = extent.lastIndex + 1;
  if (first > next) throw damage(`entry ${next}`, 'entries without a gap', `entry ${first} in its place`);
  if (!isIntact(key, value)) throw damage(record, 'a block of entries', BAD_CHECKSUM);
  const block = decodeBlock(first, value);
  if (block === null) throw damage(record, 'a block of entries', 'a record of an unknown format');
  blocks.push(first);
  if (first === next) checkFollows(`entry ${first - 1}`, block.previousTerm, first, chain);
  for (const entry of block.entries) {
    if (entry.index > last) return;
    if (entry.index < head.snapshot.index) continue;
    if (entry.index === head.snapshot.index) checkFollows(`entry ${entry.index}`, entry.term, first, chain);
    else takeEntry(entry, entries, extent, damage);
  }
}

/** The entry that is last so far must be of the term that the block says. */
function checkFollows(record: string, term: number, first: number, { extent, damage }: Chain): void {
  const previous = lastTerm(extent);
  if (term !== previous)
    throw damage(record, `term ${term}, which entry ${first} was appended after`, `term ${previous}`);
}

function takeEntry(entry: RaftEntry, entries: RaftEntry[], extent: LogExtent, damage: Damage): void {
  const previous = lastTerm(extent);
  if (entry.term < previous) {
    throw damage(
      `entry ${entry.index}`,
      `a term of at least ${previous}, that of the entry before`,
      `term ${entry.term}`,
    );
  }
  extend(extent, entry.index, entry.term);
  entries.push(entry);
}

function checkHardState(head: LogHead, damage: Damage): void {
  const { term, commitIndex } = head.hardState;
  if (commitIndex > head.lastIndex) {
    throw damage('the hard state', `a commit index of at most ${head.lastIndex}`, `${commitIndex}`);
  }
  if (term < head.lastTerm) throw damage('the hard state', `a term of at least ${head.lastTerm}`, `${term}`);
}
