import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TailNote } from '../../src/core/node/ports.ts';
import { epoch, lineage, nodeName, parseGroupKey, replicaId } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { openTailArchive } from '../../src/platform/tail-archive.ts';

const node = nodeName('pollux-a');
const note = (number: number, bytes: number): TailNote => ({
  group: parseGroupKey('main/orders'),
  replica: replicaId('orders-1'),
  epoch: epoch(number),
  lineage: lineage('l1'),
  cut: 2n ** 62n,
  offset: 2n ** 62n + BigInt(bytes),
  bytes,
  complete: true,
  writes: 1,
  perhapsExpiries: 0,
  others: 0,
});

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-tails-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('a tail is kept with what it is beside it, and read back', async (t) => {
  const dataDirectory = directoryFor(t);
  const archive = openTailArchive({ dataDirectory, node }, () => 0);
  const bytes = Buffer.from('*1\r\n$4\r\nPING\r\n');
  const kept = await archive.keep(note(2, bytes.length), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual(kept, { node, file: 'tails/main~orders~2~orders-1.resp', sha256 });
  assert.deepEqual(await archive.read(kept.file), bytes);
  const description = JSON.parse(
    readFileSync(join(dataDirectory, 'tails/main~orders~2~orders-1.json'), 'utf8'),
  );
  assert.deepEqual([description.cut, description.sha256], [String(2n ** 62n), sha256]);
  assert.deepEqual(readdirSync(join(dataDirectory, 'tails')).sort(), [
    'main~orders~2~orders-1.json',
    'main~orders~2~orders-1.resp',
  ]);
});

test('nothing outside of the archive is read', async (t) => {
  const archive = openTailArchive({ dataDirectory: directoryFor(t), node }, () => 0);
  await archive.keep(note(2, 1), Buffer.from('x'));
  for (const file of ['../secret', 'tails/../secret.resp', 'tails/none.resp', '/etc/passwd'])
    assert.equal(await archive.read(file), null, file);
});

test('beyond the bounds the oldest go, the newest never', async (t) => {
  const dataDirectory = directoryFor(t);
  const archive = openTailArchive({ dataDirectory, node, bounds: { tails: 2, bytes: 100 } }, () => 0);
  const keep = async (number: number, bytes: number): Promise<void> => {
    const { file } = await archive.keep(note(number, bytes), Buffer.alloc(bytes));
    utimesSync(join(dataDirectory, file), number, number);
  };
  const names = () =>
    readdirSync(join(dataDirectory, 'tails'))
      .filter((name) => name.endsWith('.resp'))
      .sort();
  for (const number of [2, 3, 4]) await keep(number, 10);
  assert.deepEqual(names(), ['main~orders~3~orders-1.resp', 'main~orders~4~orders-1.resp']);
  await keep(5, 95);
  assert.deepEqual(names(), ['main~orders~5~orders-1.resp']);
  await keep(6, 200);
  assert.deepEqual(names(), ['main~orders~6~orders-1.resp']);
  assert.equal(readdirSync(join(dataDirectory, 'tails')).length, 2, 'descriptions go with their tails');
});

test('tails are written one after the other, and one that cannot be written holds up none', async (t) => {
  const dataDirectory = directoryFor(t);
  const archive = openTailArchive({ dataDirectory, node }, () => 0);
  const bytes = randomBytes(3 * 1024 * 1024 + 5);
  writeFileSync(join(dataDirectory, 'tails'), 'in the way');
  await assert.rejects(archive.keep(note(2, 1), bytes), /EEXIST|ENOTDIR/);
  rmSync(join(dataDirectory, 'tails'));
  const kept = await Promise.all([3, 4, 5].map((number) => archive.keep(note(number, 1), bytes)));
  for (const { file, sha256 } of kept) {
    assert.deepEqual(await archive.read(file), bytes);
    assert.equal(sha256, createHash('sha256').update(bytes).digest('hex'));
  }
});

test('no more tails wait than there is room for', async (t) => {
  const archive = openTailArchive({ dataDirectory: directoryFor(t), node }, () => 0);
  const kept = Array.from({ length: LIMITS.tailsWaiting }, () => archive.keep(note(2, 1), Buffer.from('x')));
  await assert.rejects(archive.keep(note(3, 1), Buffer.from('x')), /wait to be written/);
  await Promise.all(kept);
  await archive.keep(note(3, 1), Buffer.from('x'));
});

test('no two tails have one file, whatever their names are and however long', async (t) => {
  const archive = openTailArchive({ dataDirectory: directoryFor(t), node }, () => 0);
  const long = 'x'.repeat(LIMITS.nameCharacters);
  const names = [
    ['c/a-1', 2, 'r'],
    ['c/a', 1, '2-r'],
    ['c-a/b', 1, 'r'],
    ['c/a-b', 1, 'r'],
    ['c/a:b', 1, 'r'],
    [`${long}/${long}`, 1, `${long.slice(1)}1`],
    [`${long}/${long}`, 1, `${long.slice(1)}2`],
  ] as const;
  const files: string[] = [];
  for (const [group, number, replica] of names) {
    const ofOne = { ...note(number, 1), group: parseGroupKey(group), replica: replicaId(replica) };
    const { file } = await archive.keep(ofOne, Buffer.from(replica));
    assert.equal(String(await archive.read(file)), replica);
    files.push(file);
  }
  assert.equal(new Set(files).size, names.length, files.join(' '));
});
