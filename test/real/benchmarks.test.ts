/** Every benchmark with tiny sizes, so that one that no longer runs is noticed before somebody wants its figure. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BENCHMARKS } from '../bench/catalogue.ts';
import { repositoryRoot } from '../support/repository.ts';

const run = promisify(execFile);
const entry = path.join(repositoryRoot, 'dist/test/bench/run.js');

for (const name of Object.keys(BENCHMARKS)) {
  test(`${name} runs and prints real figures`, async () => {
    const { stdout } = await run(process.execPath, [entry, name, '--tiny', '--json'], { timeout: 60_000 });
    const result: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.ok(typeof result === 'object' && result !== null);
    assert.ok('figure' in result && typeof result.figure === 'number' && result.figure > 0, stdout);
    assert.ok('peer' in result && typeof result.peer === 'number' && result.peer > 0, stdout);
    assert.ok('ratio' in result && typeof result.ratio === 'number' && result.ratio > 0, stdout);
  });
}
