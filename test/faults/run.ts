/**
 * `npm run -s faults`: tries faults on real processes, one after the other, and ends with a table. Exit code 0 where
 * every row is green, 1 where one is not, 2 for a command line that is none, 3 where it cannot be tried here (1 in
 * continuous integration, which has to be a place where it can). Progress goes to standard error.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../support/repository.ts';
import { whyNoSites } from '../support/sites.ts';
import type { Row } from './attempt.ts';
import { FAMILIES, FAULTS, PLANTED_FAULTS } from './catalogue.ts';
import { EVER_FAILED } from './ever-failed.ts';
import type { Fault } from './fault.ts';
import { pageOf, tableOf } from './table.ts';
import { tryFaults } from './try-faults.ts';

const USAGE = `usage: npm run -s faults [-- OPTIONS]
  --only NAME    this one, or all of this family (may be repeated)
  --shard I/N    every Nth one, beginning with the Ith; with --only, those beside the named ones
  --ever-failed  those that were not survived once (ever-failed.ts), as if each were named
  --lanes N      so many at a time, each on a ground of its own (default 1)
  --list         say which there are
  --json         one object as the last line
  --record       keep the result in test/faults/last-result.md
`;
const EXIT_RED = 1;
const EXIT_USAGE = 2;
const EXIT_IMPOSSIBLE = 3;
const MOST_LANES = 8;

const startedMs = performance.now();
const progress = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
};

function usage(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

function parseCall() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        shard: { type: 'string' },
        'ever-failed': { type: 'boolean', default: false },
        lanes: { type: 'string', default: '1' },
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function chosen(only: readonly string[], shard: string | undefined): readonly Fault[] {
  const unknown = only.filter(
    (word) => ![...FAULTS, ...PLANTED_FAULTS].some(({ name }) => name === word) && !(word in FAMILIES),
  );
  if (unknown.length > 0) usage(`there is no fault ${unknown.join(', ')}`);
  const isNamed = (fault: Fault): boolean =>
    only.some((word) => fault.name === word || FAMILIES[word]?.includes(fault) === true);
  if (shard === undefined) return only.length === 0 ? FAULTS : [...FAULTS, ...PLANTED_FAULTS].filter(isNamed);
  const [position = 0, count = 0] = shard.split('/').map(Number);
  if (!(position >= 1 && position <= count)) usage('--shard takes I/N, with 1 <= I <= N');
  return FAULTS.filter((fault, place) => isNamed(fault) || place % count === position - 1);
}

const call = parseCall();
const lanes = Number(call.lanes);
if (!(Number.isInteger(lanes) && lanes >= 1 && lanes <= MOST_LANES))
  usage(`--lanes takes 1 to ${MOST_LANES}`);
const faults = chosen([...call.only, ...(call['ever-failed'] ? EVER_FAILED : [])], call.shard);
if (call.list) {
  for (const { name, layout, policy, what } of faults)
    process.stdout.write(`${name.padEnd(44)}${layout}  ${policy.padEnd(10)}  ${what}\n`);
  process.exit(0);
}
const why = await whyNoSites();
if (why !== null) {
  process.stderr.write(`LEFT OUT: faults on real processes, because ${why}\n`);
  process.exit(process.env['CI'] === undefined ? EXIT_IMPOSSIBLE : EXIT_RED);
}
const rows: Row[] = await tryFaults(faults, lanes, progress);
const green = rows.filter(({ verdict }) => verdict === 'green').length;
const tookS = Math.round((performance.now() - startedMs) / 1_000);
if (!call.json) process.stdout.write(`${tableOf(rows)}\n`);
for (const { fault, wrong } of rows)
  for (const sentence of wrong) process.stderr.write(`${fault}: ${sentence}\n`);
const summary = `${green} of ${rows.length} green, ${tookS} s`;
process.stderr.write(`${summary}\n`);
if (call.record)
  writeFileSync(join(repositoryRoot, 'test/faults/last-result.md'), pageOf(rows, summary, new Date()));
if (call.json) process.stdout.write(`${JSON.stringify({ rows, green, tookS })}\n`);
process.exit(green === rows.length && rows.length > 0 ? 0 : EXIT_RED);
