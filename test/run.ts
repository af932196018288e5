/**
 * Runs the tests of one group: `node --import tsx test/run.ts unit|real [--root DIRECTORY] [FILE...]`. Run from `dist`
 * it runs what was compiled of the same files, for to compile each by itself costs a third of all unit tests' time.
 *
 * The list of files is explicit, and a run in which nothing was executed fails: the runner of Node alone calls an
 * empty run, and a file without tests, a success. `unit` is everything that is quick and in one process; `real`
 * (test/real/) starts processes. Most of those wait for most of their time, and two files run at once; those that
 * measure, or need all processors themselves, come after the others and one after the other.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { RunTally } from './runner/run-tally.ts';
import { groupOfTestFile, needsTheMachineAlone } from './runner/test-group.ts';
import { repositoryRoot, walkFiles } from './support/repository.ts';

const REAL_FILES_AT_ONCE = 2;
const FILE_TIMEOUT_MS = { unit: 120_000, real: 900_000 } as const;

const { values, positionals } = parseArgs({
  options: { root: { type: 'string', default: repositoryRoot } },
  allowPositionals: true,
});
const [group, ...chosen] = positionals;
if (group !== 'unit' && group !== 'real') {
  process.stderr.write('usage: node --import tsx test/run.ts unit|real [--root DIRECTORY] [FILE...]\n');
  process.exit(2);
}

const found = (await walkFiles(values.root, 'test')).filter((file) => groupOfTestFile(file) === group);
const wanted = chosen.map((file) => path.relative(values.root, path.resolve(file)));
const unknown = wanted.filter((file) => !found.includes(file));
if (unknown.length > 0) {
  process.stderr.write(`not test files of the group '${group}': ${unknown.join(', ')}\n`);
  process.exit(2);
}
const files = wanted.length > 0 ? wanted : found;
if (files.length === 0) {
  process.stderr.write(
    `no test file of the group '${group}' below ${values.root}/test: nothing was tested\n`,
  );
  process.exit(1);
}

/** The file that is run for one of the source tree. */
function executable(file: string): string {
  const isCompiled = import.meta.dirname === path.join(values.root, 'dist', 'test');
  return path.join(values.root, isCompiled ? path.join('dist', file.replace(/\.ts$/, '.js')) : file);
}

const tally = new RunTally();
const startedMs = performance.now();

async function runAll(some: readonly string[], concurrency: number, timeout: number): Promise<void> {
  if (some.length === 0) return;
  const events = run({ files: some.map(executable), concurrency, timeout });
  events.on('test:pass', (event) => tally.add('pass', event));
  events.on('test:fail', (event) => tally.add('fail', event));
  for await (const chunk of events.compose(new spec())) process.stdout.write(String(chunk));
}

const alone = files.filter(needsTheMachineAlone);
const beside = files.filter((file) => !needsTheMachineAlone(file));
await runAll(beside, group === 'real' ? REAL_FILES_AT_ONCE : availableParallelism(), FILE_TIMEOUT_MS[group]);
await runAll(alone, 1, FILE_TIMEOUT_MS[group]);

// Source maps name the file of the source tree, whichever is run.
const verdict = tally.verdict(files.map((file) => path.join(values.root, file)));
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
for (const failure of verdict.failures) process.stdout.write(`${group}: FAILED: ${failure}\n`);
process.stdout.write(`${group}: ${verdict.line} in ${files.length} files, ${seconds} s\n`);
for (const problem of verdict.problems) process.stdout.write(`${group}: ${problem}\n`);
process.exitCode = verdict.ok ? 0 : 1;
