/**
 * `npm run -s disks -- power|damage [--seed N] [--seeds COUNT] [--batches N] [--json]`: the long way through. Each seed
 * is one history; the power is cut after every operation of it, or every byte of the small files is damaged. The exit
 * code is 0 where nothing was wrong, 1 where something was, 2 for a command line that is none, 3 where it cannot be
 * tried here. Progress goes to standard error.
 */
import { parseArgs } from 'node:util';
import { whyNoTracing } from '../support/disk-fault.ts';
import { damageEverywhere } from './file-damage.ts';
import { historyOf } from './log-history.ts';
import { cutEverywhere } from './power-cuts.ts';
import { recordHistory } from './recording.ts';
import { scratchDirectory } from './scratch-directory.ts';

const EXIT_WRONG = 1;
const EXIT_USAGE = 2;
const EXIT_IMPOSSIBLE = 3;
/** Findings printed of one seed; the rest is counted. */
const FINDINGS_SHOWN = 10;

const progress = (line: string): void => {
  process.stderr.write(`  ${line}\n`);
};

async function cutPower(seed: number, batches: number, scratch: string) {
  const options = { seed, batches, snapshotBytes: seed % 2 === 0 ? 20_000 : 2_000_000 };
  const recording = await recordHistory(scratch, options);
  progress(`seed ${seed}: ${recording.steps.length} steps recorded`);
  const cutting = { seed, tornStates: 3, cutsAfter: () => true, scratch, progress };
  const { refused, wrong, ...counts } = await cutEverywhere(recording, historyOf(options), cutting);
  // Nothing but a power cut has happened: a refusal is as wrong as a loss.
  return { counts: { ...counts, refused: refused.length }, wrong: [...wrong, ...refused] };
}

async function damage(seed: number, batches: number, scratch: string) {
  const options = {
    seed,
    batches,
    snapshotBytes: 30_000,
    placesPerFile: 400,
    everyByteUpTo: 2_000,
    scratch,
    progress,
  };
  const { wrong, ...counts } = await damageEverywhere(options);
  return { counts, wrong };
}

function parse() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        batches: { type: 'string', default: '40' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const numbers = [values.seed, values.seeds, values.batches].map(Number);
    const [seed = 0, seeds = 0, batches = 0] = numbers;
    const [mode, ...more] = positionals;
    const isSound = numbers.every((number) => Number.isSafeInteger(number) && number > 0) && batches >= 10;
    return isSound && more.length === 0 && (mode === 'power' || mode === 'damage')
      ? { mode, seed, seeds, batches, json: values.json }
      : null;
  } catch {
    return null;
  }
}

const parsed = parse();
if (parsed === null) {
  process.stderr.write(
    'usage: npm run -s disks -- power|damage [--seed N] [--seeds COUNT] [--batches N] [--json]\n' +
      '  numbers are positive; at least 10 batches\n',
  );
  process.exit(EXIT_USAGE);
}
const { mode, seed, seeds, batches, json } = parsed;
const missing = mode === 'power' ? await whyNoTracing() : null;
if (missing !== null) {
  process.stderr.write(`LEFT OUT: power cuts, because ${missing}\n`);
  process.exit(EXIT_IMPOSSIBLE);
}

const results = [];
for (let current = seed; current < seed + seeds; current += 1) {
  const scratch = scratchDirectory();
  try {
    const run = mode === 'power' ? cutPower : damage;
    const { counts, wrong } = await run(current, batches, scratch.path);
    results.push({ seed: current, ...counts, wrong: wrong.length });
    if (!json)
      process.stdout.write(`seed ${current}: ${JSON.stringify({ ...counts, wrong: wrong.length })}\n`);
    for (const finding of wrong.slice(0, FINDINGS_SHOWN))
      process.stderr.write(`${JSON.stringify(finding)}\n`);
  } finally {
    scratch.remove();
  }
}
if (json) process.stdout.write(`${JSON.stringify({ mode, batches, results })}\n`);
process.exitCode = results.some(({ wrong }) => wrong > 0) ? EXIT_WRONG : 0;
