import assert from 'node:assert/strict';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { liveTables } from '../../src/platform/live-tables.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const tablesIn = (): string[] => readdirSync(directory.path).filter((file) => file.endsWith('.ldb'));
const live = (): string[] =>
  liveTables(directory.path)
    .map((path) => basename(path))
    .sort();

it('are all tables that LevelDB kept, over many edits of its manifest, and no other file', async () => {
  const database = new ClassicLevel<Buffer, Buffer>(directory.path, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    writeBufferSize: 64 * 1024,
    maxFileSize: 1024 * 1024,
  });
  for (let at = 0; at < 4_000; at += 1) {
    await database.put(Buffer.from(`key ${at % 3_000}`), Buffer.alloc(1_000, at));
  }
  await database.compactRange(Buffer.from('key 1'), Buffer.from('key 2'));
  await database.close();
  assert.ok(tablesIn().length > 2, `${tablesIn().length} tables`);
  const kept = tablesIn();
  writeFileSync(join(directory.path, '999999.ldb'), 'a table that was never finished');
  assert.deepEqual(live(), kept.sort());
});

it('are none where the manifest says nothing', async () => {
  assert.deepEqual(live(), []);
  const database = new ClassicLevel<Buffer, Buffer>(directory.path, { keyEncoding: 'buffer' });
  await database.open();
  await database.close();
  const [manifest] = readdirSync(directory.path).filter((file) => file.startsWith('MANIFEST'));
  assert.ok(manifest !== undefined);
  for (const keep of [20, 8, 1, 0]) {
    truncateSync(join(directory.path, manifest), keep);
    assert.deepEqual(live(), []);
  }
});
