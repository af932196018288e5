/**
 * `npm run -s bench -- NAME [--json]`: measures, prints, and ends with 0 whether or not the goal is met, with 1 where
 * nothing could be measured, and with 2 for a name that is none. Progress goes to standard error; with `--json` one
 * object is the last line of standard output. It runs from compiled code, which is what is deployed.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Outcome, Size } from './benchmark.ts';
import { BENCHMARKS } from './catalogue.ts';
import { rounded } from './samples.ts';
import { needPrograms } from './tools.ts';

const EXIT_USAGE = 2;

function usage(problem: string): never {
  const names = Object.entries(BENCHMARKS).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);
  process.stderr.write(
    `${problem}\nusage: npm run -s bench -- NAME [--json] [--tiny]\n${names.join('\n')}\n`,
  );
  process.exit(EXIT_USAGE);
}

function parse(): { readonly name: string; readonly json: boolean; readonly size: Size } {
  try {
    const { values, positionals } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        /** Small sizes: shows that a benchmark runs, not how fast. */
        tiny: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) return usage('exactly one benchmark is run at a time');
    return { name, json: values.json, size: values.tiny ? 'tiny' : 'full' };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function print(name: string, { figure, peer, ratio, unit, met, goal, comparedWith, details }: Outcome): void {
  const lines = [
    `${name}: ${rounded(figure)} ${unit}`,
    `  compared with ${comparedWith}: ${rounded(peer)} ${unit}`,
    `  ratio ${rounded(ratio)}`,
    `  goal ${met ? 'met' : 'NOT MET'}: ${goal}`,
    ...Object.entries(details).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const { name, json, size } = parse();
const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (benchmark === undefined) usage(`there is no benchmark '${name}'`);

const startedMs = performance.now();
const progress = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stderr.write(`${seconds.padStart(6)} s  ${line}\n`);
};
try {
  needPrograms(benchmark.needs ?? [], size === 'full', progress);
} catch (error) {
  process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
const outcome = await benchmark.measure(size, progress);
const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
const { figure, peer, ratio, ...rest } = outcome;
if (json) {
  const numbers = { figure: rounded(figure), peer: rounded(peer), ratio: rounded(ratio) };
  process.stdout.write(`${JSON.stringify({ name, size, ...numbers, ...rest, machine })}\n`);
} else {
  print(name, outcome);
  process.stdout.write(
    `  machine: ${machine}${size === 'tiny' ? '; tiny sizes, the figures mean nothing' : ''}\n`,
  );
}
