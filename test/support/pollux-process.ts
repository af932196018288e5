/** The built `pollux` command as a process of its own: what it printed and the code it ended with. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export const polluxEntry = resolve(
  import.meta.dirname,
  import.meta.dirname.includes('/dist/') ? '../../src/main/pollux.js' : '../../dist/src/main/pollux.js',
);
const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type PolluxProcess = {
  readonly pid: number;
  /** Everything printed so far, both streams. */
  printed(): string;
  readonly ended: Promise<Ended>;
  kill(): Promise<void>;
};

export function startPollux(
  line: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  /** A command line that runs ours, such as a tracer. */
  under: readonly string[] = [],
): PolluxProcess {
  const [command = process.execPath, ...parameters] = [...under, process.execPath, polluxEntry, ...line];
  const child = spawn(command, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...environment },
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, 'close').then((): Ended => {
    running.delete(child);
    return { code: child.exitCode, stdout, stderr };
  });
  return {
    pid: child.pid ?? -1,
    printed: () => stdout + stderr,
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** One that has not ended by then is killed, and its code is null. */
const LONGEST_RUN_MS = 15_000;

/** Runs one command line to its end. */
export async function runPollux(
  line: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<Ended> {
  const started = startPollux(line, environment);
  const timer = setTimeout(() => void started.kill(), LONGEST_RUN_MS);
  const ended = await started.ended;
  clearTimeout(timer);
  return ended;
}
