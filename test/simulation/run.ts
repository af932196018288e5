/**
 * `npm run -s sim -- --seeds N | --seed N | --for SECONDS | --replay FILE`: lives of whole tiers under faults. Ends
 * with 0 when no promise was broken and what had to happen did happen, with 1 otherwise, with 2 for a wrong call.
 * Progress goes to standard error; with `--json` one object is the last line of standard output.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Outcome, outcomeOf } from './command/live-seed.ts';
import { formatScenario, lifeOf, parseScenario } from './command/scenario.ts';
import { shrunk } from './command/shrink.ts';
import { addFailure, addLife, emptyTally, type Failure, missing, tallySchema } from './command/tally.ts';
import type { PreparedLife, Profile } from './profiles/profile.ts';
import { profileNamed, profileNames, profileOf } from './profiles/registry.ts';

const USAGE = `usage: npm run -s sim -- WHAT [OPTIONS]
  --seeds N         so many seeds, from the first on
  --for SECONDS     as many seeds as fit into so much time
  --seed N          one seed, with its transcript
  --replay FILE     the plan of a kept scenario, with its transcript
options
  --first K         begin with seed K (1)
  --profile NAME    every life of this kind: ${profileNames.join(', ')}
  --state FILE      keep the progress of --seeds in a file, and resume from it
  --scenario FILE   with --seed: write plan and transcript to a file
  --shrink          with --seed: leave out the faults without which it fails all the same
  --stop            end with the first violation
  --json            one object as the last line
`;
const EXIT_USAGE = 2;
const PROGRESS_EVERY_MS = 1_000;
const FAILURES_SHOWN = 10;

function usage(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}`);
  process.exit(EXIT_USAGE);
}

const stateSchema = z.strictObject({
  first: z.int(),
  profile: z.string().nullable(),
  next: z.int(),
  tally: tallySchema,
});

type State = z.infer<typeof stateSchema>;

function parseCall() {
  try {
    return parseArgs({
      options: {
        seeds: { type: 'string' },
        for: { type: 'string' },
        seed: { type: 'string' },
        replay: { type: 'string' },
        first: { type: 'string', default: '1' },
        profile: { type: 'string' },
        state: { type: 'string' },
        scenario: { type: 'string' },
        shrink: { type: 'boolean', default: false },
        stop: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : usage(`--${option} takes a whole number`);
}

const call = parseCall();
const forced = call.profile === undefined ? null : profileNamed(call.profile);
if (call.profile !== undefined && forced === null) usage(`there is no profile '${call.profile}'`);
const profileFor = (seed: number): Profile => forced ?? profileOf(seed);

const commandFor = ({ seed, profile }: Pick<Failure, 'seed' | 'profile'>): string =>
  `npm run -s sim -- --seed ${seed} --profile ${profile}`;

function loadState(file: string | undefined, first: number): State {
  const fresh = { first, profile: forced?.name ?? null, next: first, tally: emptyTally() };
  if (file === undefined || !existsSync(file)) return fresh;
  const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  if (state.first !== first || state.profile !== fresh.profile)
    usage(`${file} is the state of another run: --first ${state.first}, profile ${state.profile ?? 'any'}`);
  return state;
}

/** Replaced as a whole, so that an interruption leaves the old one or the new one. */
function saveState(file: string | undefined, state: State): void {
  if (file === undefined) return;
  writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`);
  renameSync(`${file}.new`, file);
}

async function runMany(seeds: number, limitMs: number): Promise<boolean> {
  const state = loadState(call.state, numberOf('first', call.first));
  const { tally } = state;
  const startedMs = performance.now();
  let saidMs = startedMs;
  const resumedAt = tally.seeds;
  while (tally.seeds < seeds && performance.now() - startedMs < limitMs) {
    const seed = state.next;
    const profile = profileFor(seed);
    const outcome = await outcomeOf(profile.prepare(seed));
    if (outcome.ok) addLife(tally, profile.name, outcome.report);
    else {
      const { property, detail } = outcome;
      const failure = { seed, profile: profile.name, property, detail };
      addFailure(tally, failure);
      if (tally.failures.length <= FAILURES_SHOWN)
        process.stderr.write(`seed ${seed} violates ${property}\n  ${detail}\n  ${commandFor(failure)}\n`);
    }
    state.next += 1;
    if (call.stop && tally.failures.length > 0) break;
    const nowMs = performance.now();
    if (nowMs - saidMs < PROGRESS_EVERY_MS) continue;
    saidMs = nowMs;
    saveState(call.state, state);
    const perSecond = ((tally.seeds - resumedAt) / (nowMs - startedMs)) * 1_000;
    process.stderr.write(
      `${tally.seeds} seeds, ${perSecond.toFixed(0)}/s, ${tally.failures.length} violations\n`,
    );
  }
  saveState(call.state, state);
  return report(state, performance.now() - startedMs);
}

function report({ tally }: State, tookMs: number): boolean {
  const profiles = profileNames.flatMap((name) => profileNamed(name) ?? []);
  const absent = missing(tally, profiles);
  const { seeds, steps, failures, lives } = tally;
  const ok = seeds > 0 && failures.length === 0 && absent.length === 0;
  if (call.json) {
    const failedSeeds = failures.map(({ seed }) => seed);
    const first = failures
      .slice(0, FAILURES_SHOWN)
      .map((failure) => ({ ...failure, replay: commandFor(failure) }));
    const summary = {
      seeds,
      steps,
      violations: failures.length,
      failedSeeds,
      missing: absent,
      lives,
      failures: first,
    };
    process.stdout.write(`${JSON.stringify({ ...summary, seconds: Math.round(tookMs) / 1_000 })}\n`);
    return ok;
  }
  process.stdout.write(
    `${seeds} seeds, ${steps} steps, ${failures.length} violations in ${(tookMs / 1_000).toFixed(1)} s\n`,
  );
  for (const [name, { seeds: count, counts }] of Object.entries(lives)) {
    const averages = Object.entries(counts).map(([what, times]) => `${what} ${(times / count).toFixed(2)}`);
    process.stdout.write(`  ${name}, ${count} lives; in each: ${averages.sort().join(', ')}\n`);
  }
  for (const line of absent) process.stdout.write(`  too little happened: ${line}\n`);
  for (const failure of failures)
    process.stdout.write(`  seed ${failure.seed} violates ${failure.property}: ${commandFor(failure)}\n`);
  return ok;
}

function reportOne(seed: number | null, outcome: Outcome): boolean {
  if (!outcome.ok) process.stderr.write(`violates ${outcome.property}\n${outcome.detail}\n`);
  if (call.json) {
    const failed = outcome.ok ? [] : [{ property: outcome.property, detail: outcome.detail }];
    const steps = outcome.ok ? outcome.report.steps : 0;
    const failedSeeds = outcome.ok || seed === null ? [] : [seed];
    process.stdout.write(
      `${JSON.stringify({ seeds: 1, steps, violations: failed.length, failedSeeds, failures: failed })}\n`,
    );
  } else if (outcome.ok) process.stdout.write(`no violation; ${JSON.stringify(outcome.report)}\n`);
  return outcome.ok;
}

async function lifeToShow(profile: Profile, seed: number): Promise<PreparedLife> {
  const life = profile.prepare(seed);
  if (!call.shrink) return life;
  const outcome = await outcomeOf(life);
  return outcome.ok ? life : shrunk(profile, life, outcome.property);
}

async function runSeed(seed: number): Promise<boolean> {
  const profile = profileFor(seed);
  const life = await lifeToShow(profile, seed);
  const transcript: string[] = [];
  const outcome = await outcomeOf(life, (line) => {
    transcript.push(line);
    if (call.scenario === undefined) process.stdout.write(`${line}\n`);
  });
  if (call.scenario !== undefined) {
    const story = outcome.ok ? '' : `Seed ${seed} violated: ${outcome.property}.`;
    writeFileSync(
      call.scenario,
      formatScenario({ story, profile: profile.name, plan: life.plan, transcript }),
    );
  }
  return reportOne(seed, outcome);
}

async function replay(file: string): Promise<boolean> {
  const life = lifeOf(parseScenario(readFileSync(file, 'utf8')));
  return reportOne(null, await outcomeOf(life, (line) => process.stdout.write(`${line}\n`)));
}

async function main(): Promise<boolean> {
  const ways = [call.seeds, call.for, call.seed, call.replay].filter((way) => way !== undefined);
  if (call.seed !== undefined && ways.length === 1) return runSeed(numberOf('seed', call.seed));
  if (call.replay !== undefined && ways.length === 1) return replay(call.replay);
  if (call.seed !== undefined || call.replay !== undefined || ways.length === 0)
    return usage('say what to run');
  const seeds = call.seeds === undefined ? Number.POSITIVE_INFINITY : numberOf('seeds', call.seeds);
  const limitMs = call.for === undefined ? Number.POSITIVE_INFINITY : numberOf('for', call.for) * 1_000;
  return runMany(seeds, limitMs);
}

process.exitCode = (await main()) ? 0 : 1;
