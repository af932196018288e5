import assert from 'node:assert/strict';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { after, before, it, mock } from 'node:test';
import { nameKeeper } from '../../src/platform/durable-names.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

let directory: TemporaryDirectory;
let syncs = 0;

before(() => {
  directory = temporaryDirectory();
  const { open } = promises;
  mock.method(promises, 'open', (...parameters: Parameters<typeof open>) => {
    syncs += 1;
    return open(...parameters);
  });
  syncBuiltinESMExports();
});
after(() => {
  mock.restoreAll();
  syncBuiltinESMExports();
  directory.remove();
});

it('syncs a directory after each change of a name in it, and only then', async () => {
  const keep = nameKeeper(directory.path);
  /** As if the last change had been made so long ago. */
  const age = (milliseconds: number): void => {
    const at = new Date(statSync(directory.path).mtimeMs - milliseconds);
    utimesSync(directory.path, at, at);
  };
  await keep();
  assert.equal(syncs, 1, 'what was there before may not be on disk');
  age(60_000);
  await keep();
  await keep();
  await keep();
  assert.equal(syncs, 2, 'nothing changed since');
  writeFileSync(join(directory.path, 'a'), 'a');
  await keep();
  assert.equal(syncs, 3);
  // Another name within the same tick of the clock would not show in the time.
  const { atime, mtime } = statSync(directory.path);
  writeFileSync(join(directory.path, 'b'), 'b');
  utimesSync(directory.path, atime, mtime);
  await keep();
  assert.equal(syncs, 4);
});
