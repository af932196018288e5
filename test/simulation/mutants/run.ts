/**
 * `npm run -s sim:mutants`: plants one bug after the other and lets the simulation find it. Ends with 0 when every one
 * was caught within its bound and the code as it is was not accused; with 1 otherwise; with 2 for a wrong call.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { repositoryRoot } from '../../support/repository.ts';
import { type Hunt, hunt, huntInScenario } from './hunt.ts';
import { MUTANTS } from './list.ts';
import { DEFAULT_SEEDS, type Mutant } from './mutant.ts';
import { PlantedCopy } from './plant.ts';

const USAGE = `usage: npm run -s sim:mutants [-- OPTIONS]
  --only NAME    this one, or all of this profile (may be repeated)
  --shard I/N    every Nth one, beginning with the Ith
  --list         say which there are
  --json         one object as the last line
`;
const EXIT_USAGE = 2;
/** Lives of the code as it is, which must not be accused. */
const CONTROL_SEEDS = 40;

type Row = { readonly name: string; readonly seconds: number; readonly hunt: Hunt };

function usage(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

function parseCall() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        shard: { type: 'string', default: '1/1' },
        list: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function chosen(only: readonly string[], shard: string): readonly Mutant[] {
  const isKnown = (word: string) => MUTANTS.some(({ name, profile }) => word === name || word === profile);
  const unknown = only.filter((word) => !isKnown(word));
  if (unknown.length > 0) usage(`there is no mutant ${unknown.join(', ')}`);
  const [position, count] = shard.split('/').map(Number);
  if (position === undefined || count === undefined || !(position >= 1 && position <= count))
    return usage('--shard takes I/N, with 1 <= I <= N');
  const named = MUTANTS.filter(
    ({ name, profile }) => only.length === 0 || only.includes(name) || only.includes(profile),
  );
  return named.filter((_, place) => place % count === position - 1);
}

async function timed(name: string, run: () => Promise<Hunt>): Promise<Row> {
  const startedMs = performance.now();
  const found = await run();
  const seconds = (performance.now() - startedMs) / 1_000;
  const verdict = found.caught
    ? `caught after ${found.seeds} lives: ${found.property}`
    : `NOT CAUGHT: ${found.why}`;
  process.stderr.write(`${name}: ${verdict} (${seconds.toFixed(1)} s)\n`);
  return { name, seconds, hunt: found };
}

/** A life that breaks a promise without the planted bug shows nothing about it. */
async function huntFor(copy: PlantedCopy, mutant: Mutant): Promise<Hunt> {
  const { profile, scenario, seeds = DEFAULT_SEEDS } = mutant;
  const inLife = (directory: string, seed: number | null): Promise<Hunt> =>
    scenario === undefined ? hunt(directory, profile, 1, seed ?? 1) : huntInScenario(directory, scenario);
  const found =
    scenario === undefined ? await hunt(copy.directory, profile, seeds) : await inLife(copy.directory, null);
  if (!found.caught) return found;
  const asItIs = await inLife(path.join(repositoryRoot, 'dist'), found.seed);
  return asItIs.caught || asItIs.seeds !== 1
    ? {
        caught: false,
        seeds: found.seeds,
        why: `${scenario ?? `seed ${found.seed}`} fails without the planted bug, too`,
      }
    : found;
}

async function huntAll(
  copy: PlantedCopy,
  mutants: readonly Mutant[],
): Promise<{ control: Row[]; rows: Row[] }> {
  const control: Row[] = [];
  for (const profile of new Set(mutants.map((mutant) => mutant.profile)))
    control.push(await timed(`as it is, ${profile}`, () => hunt(copy.directory, profile, CONTROL_SEEDS)));
  const rows: Row[] = [];
  for (const mutant of mutants) {
    const uproot = copy.plant(mutant);
    rows.push(await timed(mutant.name, () => huntFor(copy, mutant)));
    uproot();
  }
  return { control, rows };
}

function print(rows: readonly Row[]): void {
  const table = new Table({
    head: ['planted bug', 'lives', 'violated', 's'],
    style: { head: [], border: [] },
  });
  for (const { name, hunt: found, seconds } of rows)
    table.push([
      name,
      found.seeds,
      found.caught ? found.property : `NOT CAUGHT (${found.why})`,
      seconds.toFixed(1),
    ]);
  process.stdout.write(`${table.toString()}\n`);
}

async function main(): Promise<boolean> {
  const call = parseCall();
  const mutants = chosen(call.only, call.shard);
  if (call.list) {
    for (const { name, file } of mutants) process.stdout.write(`${name}  ${file}\n`);
    return true;
  }
  const copy = new PlantedCopy(repositoryRoot);
  try {
    const { control, rows } = await huntAll(copy, mutants);
    const survivors = rows.filter((row) => !row.hunt.caught).map(({ name }) => name);
    // A control that did not run at all proves nothing either.
    const accused = control.filter(({ hunt: found }) => found.caught || found.seeds < CONTROL_SEEDS);
    if (call.json) {
      const found = rows.map(({ name, hunt: { caught, seeds }, seconds }) => ({
        name,
        caught,
        seeds,
        seconds,
      }));
      const accusedOf = accused.map(({ name }) => name);
      process.stdout.write(
        `${JSON.stringify({ mutants: rows.length, survivors, accused: accusedOf, found })}\n`,
      );
    } else print(rows);
    return rows.length > 0 && survivors.length === 0 && accused.length === 0;
  } finally {
    copy.remove();
  }
}

process.exitCode = (await main()) ? 0 : 1;
