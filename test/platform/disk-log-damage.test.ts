/** Real files, really damaged: no way of losing or changing a record may end in a log that loads. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import type { RestoredLog } from '../../src/core/raft/types.ts';
import { DamagedLogError } from '../../src/platform/damaged-log-error.ts';
import { openDiskLog } from '../../src/platform/disk-log.ts';
import {
  blockKey,
  chunkKey,
  encodeBlock,
  encodeHead,
  encodeIdentity,
  FORMAT_VERSION,
  HEAD_KEY,
  IDENTITY_KEY,
  SNAPSHOT_KEY,
} from '../../src/platform/disk-records.ts';
import { batchOf, entriesOf, entry, snapshotAt, voted } from './log-contract.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const node = nodeName('idc-a-1');
type Database = ClassicLevel<Buffer, Buffer>;

let root: TemporaryDirectory;
let copies = 0;

/**
 * Snapshot at 5, entries 6 to 20 of terms 2 and 3, in term 4: every kind of record is there, and blocks of entries
 * begin at 1 (the snapshot ends inside), 9 and 13.
 */
async function writeSound(directory: string): Promise<void> {
  const log = await openDiskLog({ directory, node });
  await log.load();
  await log.persist(batchOf({ hardState: voted(2, 'idc-a-1'), entries: entriesOf(1, 8, 2) }));
  await log.persist(batchOf({ entries: entriesOf(9, 12, 2) }));
  await log.persist(batchOf({ hardState: voted(3, 'idc-b-1', 8), entries: entriesOf(13, 20, 3) }));
  await log.persist(batchOf({ snapshot: snapshotAt(5, 2, 1_200_000), compactBelow: 6 }));
  await log.persist(batchOf({ hardState: voted(4, 'idc-b-1', 20) }));
  await log.close();
}

/** A copy of the sound directory for one case. */
function copySound(): string {
  copies += 1;
  const path = join(root.path, `copy-${copies}`);
  cpSync(join(root.path, 'sound'), path, { recursive: true });
  return path;
}

async function load(directory: string): Promise<RestoredLog> {
  const log = await openDiskLog({ directory, node });
  try {
    return await log.load();
  } finally {
    await log.close();
  }
}

async function change(directory: string, body: (database: Database) => Promise<void>): Promise<void> {
  const database: Database = new ClassicLevel(join(directory, 'log'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
  });
  await body(database);
  await database.close();
}

async function assertRefused(directory: string, record: RegExp): Promise<void> {
  await assert.rejects(load(directory), (error) => {
    assert.ok(error instanceof DamagedLogError, String(error));
    assert.match(error.damage.record, record);
    assert.ok(error.message.includes(directory));
    return true;
  });
}

before(async () => {
  root = temporaryDirectory();
  await writeSound(join(root.path, 'sound'));
});
after(() => root.remove());

describe('disk log: damaged records', () => {
  it('loads when nothing is damaged', async () => {
    const restored = await load(copySound());
    assert.deepEqual(
      restored.entries.map(({ index }) => index),
      Array.from({ length: 15 }, (_, at) => at + 6),
    );
    assert.deepEqual(restored.hardState, voted(4, 'idc-b-1', 20));
    assert.deepEqual(restored.snapshot, snapshotAt(5, 2, 1_200_000));
  });

  const records: readonly (readonly [string, Buffer, RegExp])[] = [
    ['the identity', IDENTITY_KEY, /identity/],
    ['the hard state', HEAD_KEY, /hard state/],
    ['the snapshot', SNAPSHOT_KEY, /snapshot at 5/],
    ['a chunk of the snapshot', chunkKey(5, 1), /chunk 1 of the snapshot at 5/],
    ['the block that the snapshot ends in', blockKey(1), /entry [16]/],
    ['a block of entries', blockKey(9), /entry 9/],
    ['the last block', blockKey(13), /entry 13/],
  ];
  for (const [what, key, record] of records) {
    it(`refuses any flipped bit in ${what}`, async () => {
      const length = await readLength(key);
      const random = seededRandom(key.length);
      for (const at of [0, 3, 4, length - 1, random.integer(0, length)]) {
        const directory = copySound();
        await change(directory, async (database) => {
          const value = Buffer.from((await database.get(key)) ?? []);
          value[at] = (value[at] ?? 0) ^ (1 << random.integer(0, 8));
          await database.put(key, value);
        });
        await assertRefused(directory, record);
      }
    });

    it(`refuses a log without ${what}`, async () => {
      const directory = copySound();
      await change(directory, (database) => database.del(key));
      await assertRefused(directory, record);
    });
  }

  async function readLength(key: Buffer): Promise<number> {
    let length = 0;
    // A copy: opening a database moves its records from the write-ahead log into a table.
    await change(copySound(), async (database) => {
      length = (await database.get(key))?.length ?? 0;
    });
    assert.ok(length > 4);
    return length;
  }

  it('refuses a block that is intact but stands in the place of another', async () => {
    const directory = copySound();
    await change(directory, async (database) => {
      await database.put(blockKey(10), (await database.get(blockKey(9))) ?? Buffer.alloc(0));
    });
    await assertRefused(directory, /entry 10/);
  });

  const planted: readonly (readonly [string, { readonly key: Buffer; readonly value: Buffer }, RegExp])[] = [
    ['falling terms', encodeBlock({ previousTerm: 3, entries: [entry(14, 2)] }), /entry 14/],
    ['an entry of an older history', encodeBlock({ previousTerm: 1, entries: [entry(12, 1)] }), /entry 11/],
    [
      'a tail that another block takes away',
      encodeBlock({ previousTerm: 3, entries: [entry(15, 3)] }),
      /entry 16/,
    ],
    ['an entry past the end', encodeBlock({ previousTerm: 3, entries: [entry(21, 3)] }), /entry 21/],
    ['a kind of record that is unknown', { key: Buffer.from('x1'), value: Buffer.from('12345') }, /7831/],
    [
      'a format of tomorrow',
      encodeIdentity({ formatVersion: FORMAT_VERSION + 1, tierId: null, node: 'idc-a-1', directoryId: 'a' }),
      /identity/,
    ],
    [
      'a commit index past the end',
      encodeHead({
        sequence: 99,
        hardState: voted(4, null, 21),
        snapshot: { index: 5, term: 2 },
        lastIndex: 20,
        lastTerm: 3,
      }),
      /hard state/,
    ],
    [
      'a hard state older than its log',
      encodeHead({
        sequence: 99,
        hardState: voted(2),
        snapshot: { index: 5, term: 2 },
        lastIndex: 20,
        lastTerm: 3,
      }),
      /hard state/,
    ],
  ];
  for (const [what, { key, value }, record] of planted) {
    it(`refuses ${what}, intact as the record is`, async () => {
      const directory = copySound();
      await change(directory, (database) => database.put(key, value));
      await assertRefused(directory, record);
    });
  }
});

describe('disk log: damaged files', () => {
  const filesOf = (directory: string): readonly string[] => [
    join(directory, 'acknowledged'),
    ...readdirSync(join(directory, 'log'))
      .filter((file) => file !== 'LOCK' && !file.startsWith('LOG'))
      .map((file) => join(directory, 'log', file)),
  ];

  /** Either it is refused, or it was harmless and everything is there. Silently less is the one forbidden outcome. */
  async function refusedOrWhole(directory: string, what: string): Promise<boolean> {
    try {
      const restored = await load(directory);
      assert.deepEqual(restored.hardState, voted(4, 'idc-b-1', 20), what);
      assert.deepEqual(restored.entries.length, 15, what);
      assert.deepEqual(restored.snapshot, snapshotAt(5, 2, 1_200_000), what);
      return false;
    } catch (error) {
      assert.ok(error instanceof DamagedLogError, `${what}: ${String(error)}`);
      return true;
    }
  }

  const shapes: readonly (readonly [string, () => Promise<string>])[] = [
    ['as it was written', async () => copySound()],
    [
      'after LevelDB has moved it into tables',
      async () => {
        const directory = copySound();
        await change(directory, (database) => database.compactRange(Buffer.from([0]), Buffer.from([255])));
        return directory;
      },
    ],
  ];
  for (const [shape, make] of shapes) {
    it(`never loads a log that has lost the end or the whole of a file, ${shape}`, async () => {
      const sound = await make();
      let refusals = 0;
      for (const file of filesOf(sound)) {
        const { length } = readFileSync(file);
        for (const keep of [null, 0, 1, Math.floor(length / 2), length - 1]) {
          const directory = `${sound}-cut`;
          cpSync(sound, directory, { recursive: true });
          const path = file.replace(sound, directory);
          if (keep === null) rmSync(path);
          else truncateSync(path, Math.max(0, keep));
          if (await refusedOrWhole(directory, `${file} cut to ${keep} of ${length}`)) refusals += 1;
          rmSync(directory, { recursive: true });
        }
      }
      assert.ok(refusals > 10, `only ${refusals} were refused`);
    });

    it(`never loads a log that differs after a flipped bit in a file, ${shape}`, async () => {
      const sound = await make();
      const random = seededRandom(11);
      let refusals = 0;
      for (const file of filesOf(sound)) {
        const bytes = readFileSync(file);
        for (let round = 0; round < 12 && bytes.length > 0; round += 1) {
          const directory = `${sound}-flip`;
          cpSync(sound, directory, { recursive: true });
          const at = random.integer(0, bytes.length);
          const flipped = Buffer.from(bytes);
          flipped[at] = (flipped[at] ?? 0) ^ (1 << random.integer(0, 8));
          writeFileSync(file.replace(sound, directory), flipped);
          if (await refusedOrWhole(directory, `${file} flipped at ${at}`)) refusals += 1;
          rmSync(directory, { recursive: true });
        }
      }
      assert.ok(refusals > 10, `only ${refusals} were refused`);
    });
  }

  it('refuses again what it refused once', async () => {
    const directory = copySound();
    const [file] = readdirSync(join(directory, 'log')).filter((name) => name.endsWith('.log'));
    assert.ok(file !== undefined);
    const path = join(directory, 'log', file);
    truncateSync(path, readFileSync(path).length - 20);
    await assertRefused(directory, /acknowledged batches/);
    await assertRefused(directory, /acknowledged batches/);
  });

  it('refuses a directory whose records were deleted rather than starting a new log in it', async () => {
    const directory = copySound();
    rmSync(join(directory, 'log'), { recursive: true });
    await assertRefused(directory, /files of the log/);
    assert.equal(existsSync(join(directory, 'log', 'CURRENT')), false);
  });

  it('takes a torn tail that was never acknowledged for what it is: nothing', async () => {
    const directory = copySound();
    const [file] = readdirSync(join(directory, 'log')).filter((name) => name.endsWith('.log'));
    assert.ok(file !== undefined);
    const path = join(directory, 'log', file);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([1, 2, 3, 4, 80, 0, 1, 7, 7])]));
    const restored = await load(directory);
    assert.equal(restored.entries.length, 15);
  });
});
