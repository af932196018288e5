/**
 * Runs the tests of one group: `node --import tsx test/run.ts unit|real [--root DIRECTORY] [FILE...]`.
 *
 * The list of files is explicit, and a run in which nothing was executed fails: the runner of Node alone calls an
 * empty run, and a file without tests, a success. `unit` is everything that is quick and in one process; `real`
 * (test/real/) starts processes, and its files run one after the other, so that they do not take each other's
 * processor time while they measure it.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { RunTally } from './runner/run-tally.ts';
import { groupOfTestFile } from './runner/test-group.ts';
import { repositoryRoot, walkFiles } from './support/repository.ts';

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

const tally = new RunTally();
const startedMs = performance.now();
const events = run({
  files: files.map((file) => path.join(values.root, file)),
  concurrency: group === 'real' ? 1 : availableParallelism(),
  timeout: FILE_TIMEOUT_MS[group],
});
events.on('test:pass', (event) => tally.add('pass', event));
events.on('test:fail', (event) => tally.add('fail', event));
const report = events.compose(new spec());
for await (const chunk of report) process.stdout.write(String(chunk));

const verdict = tally.verdict(files.map((file) => path.join(values.root, file)));
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
process.stdout.write(`${group}: ${verdict.line} in ${files.length} files, ${seconds} s\n`);
for (const problem of verdict.problems) process.stdout.write(`${group}: ${problem}\n`);
process.exitCode = verdict.ok ? 0 : 1;
