import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { tableFault } from '../../src/platform/table-checksums.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

describe('checksums of tables', () => {
  let directory: TemporaryDirectory;
  let path = '';

  before(async () => {
    directory = temporaryDirectory();
    const database = new ClassicLevel<Buffer, Buffer>(directory.path, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
    });
    // Of several blocks: one holds 4 KiB.
    for (let at = 0; at < 12; at += 1) await database.put(Buffer.from(`key ${at}`), Buffer.alloc(1_000, at));
    await database.compactRange(Buffer.from([0]), Buffer.from([255]));
    await database.close();
    const [table] = readdirSync(directory.path).filter((file) => file.endsWith('.ldb'));
    assert.ok(table !== undefined);
    path = join(directory.path, table);
  });
  after(() => directory.remove());

  it('hold for a table that LevelDB wrote', () => {
    assert.equal(tableFault(path), null);
  });

  it('show any flipped bit, except in the padding of the footer', () => {
    const sound = readFileSync(path);
    let shown = 0;
    for (let at = 0; at < sound.length; at += 1) {
      const flipped = Buffer.from(sound);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, flipped);
      if (tableFault(path) !== null) shown += 1;
      else assert.ok(at >= sound.length - 46 && at < sound.length - 8, `byte ${at} of ${sound.length}`);
    }
    writeFileSync(path, sound);
    assert.ok(shown > sound.length - 46, `${shown} of ${sound.length}`);
  });

  it('show a table that was cut off anywhere', () => {
    const sound = readFileSync(path);
    for (const keep of [0, 1, 47, 48, 1_000, sound.length - 48, sound.length - 1]) {
      truncateSync(path, keep);
      assert.notEqual(tableFault(path), null, `cut to ${keep}`);
      writeFileSync(path, sound);
    }
  });
});
