/**
 * Every benchmark with tiny sizes, so that one that no longer runs is noticed before somebody wants its figure. Where a
 * program is missing that one is measured against, it has to say so and to measure nothing.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BENCHMARKS } from '../bench/catalogue.ts';
import { isInstalled } from '../bench/tools.ts';
import { repositoryRoot } from '../support/repository.ts';

const run = promisify(execFile);
const entry = path.join(repositoryRoot, 'dist/test/bench/run.js');

/**
 * They need minutes, or jars from far away, or a real Sentinel whose clients write again in time, which they do not
 * always; they are run by whoever wants their figures.
 */
const BY_HAND_ONLY: readonly string[] = ['failover', 'partition', 'mass', 'rocketmq', 'rocketmq-failover'];

const tiny = (name: string, environment = process.env) =>
  run(process.execPath, [entry, name, '--tiny', '--json'], { timeout: 120_000, env: environment });

for (const [name, { needs = [] }] of Object.entries(BENCHMARKS)) {
  if (needs.every(isInstalled) && !BY_HAND_ONLY.includes(name))
    test(`${name} runs and prints real figures`, async () => {
      const { stdout } = await tiny(name);
      const result: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      assert.ok(typeof result === 'object' && result !== null);
      assert.ok('figure' in result && typeof result.figure === 'number' && result.figure > 0, stdout);
      assert.ok('peer' in result && typeof result.peer === 'number' && result.peer > 0, stdout);
      assert.ok('ratio' in result && typeof result.ratio === 'number' && result.ratio > 0, stdout);
    });
  if (needs.length > 0)
    test(`${name} says what it needs where that is missing`, async () => {
      const stopped = tiny(name, { PATH: '' });
      await assert.rejects(stopped, (error: unknown) => {
        assert.ok(typeof error === 'object' && error !== null);
        assert.ok('code' in error && error.code === 1);
        assert.ok('stdout' in error && error.stdout === '');
        assert.ok('stderr' in error && String(error.stderr).includes(`no '${needs[0]}' on the path`));
        return true;
      });
    });
}
