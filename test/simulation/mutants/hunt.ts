/** Lives lives of a planted copy, in a process of its own, until the first violation or the end of the bound. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../support/repository.ts';

/** A planted bug may also make a life go on for ever: that is no violation that anybody named, so it is not counted. */
const TIMEOUT_MS = 900_000;

const summarySchema = z.looseObject({
  seeds: z.int(),
  failures: z.array(z.looseObject({ seed: z.int().optional(), property: z.string() })),
});

export type Hunt =
  | {
      readonly caught: true;
      readonly seeds: number;
      /** Null where a kept scenario was lived. */
      readonly seed: number | null;
      readonly property: string;
    }
  | { readonly caught: false; readonly seeds: number; readonly why: string };

async function lives(directory: string, line: readonly string[]): Promise<Hunt> {
  const entry = path.join(directory, 'test', 'simulation', 'run.js');
  const child = spawn(process.execPath, [entry, ...line, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors = (errors + String(chunk)).slice(-2_000);
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  const last = output.trim().split('\n').at(-1) ?? '';
  const summary = last.startsWith('{') ? summarySchema.safeParse(JSON.parse(last)) : null;
  if (summary?.success !== true)
    return {
      caught: false,
      seeds: 0,
      why: `it did not run: ${errors.trim().split('\n').slice(0, 4).join(' ')}`,
    };
  const { seeds, failures } = summary.data;
  const [failure] = failures;
  return failure === undefined
    ? { caught: false, seeds, why: 'no violation' }
    : { caught: true, seeds, seed: failure.seed ?? null, property: failure.property };
}

export const hunt = (directory: string, profile: string, seeds: number, first = 1): Promise<Hunt> =>
  lives(directory, ['--profile', profile, '--seeds', String(seeds), '--first', String(first), '--stop']);

/** One life: that of a kept scenario. */
export const huntInScenario = (directory: string, scenario: string): Promise<Hunt> =>
  lives(directory, ['--replay', path.join(repositoryRoot, 'test', 'scenarios', `${scenario}.json`)]);
