/** Runs the real disk log in a process of its own under `strace`, and keeps what it did to its files. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HistoryOptions } from './log-history.ts';
import { type FileOperation, operationsOf, TRACED_CALLS } from './traced-calls.ts';

const run = promisify(execFile);

/** Of Debian's package of the same name. */
export const TRACER = 'strace';

/** Words of the writing process beside its file operations; see processes/log-writer.ts. */
export type RecordedStep = FileOperation | { readonly kind: 'said'; readonly text: string };
export type Recording = {
  readonly steps: readonly RecordedStep[];
  /** Directory below which everything happened, and the data directory in it. */
  readonly root: string;
  readonly dataDirectory: string;
};

/** Why nothing can be recorded here; null where it can. */
export async function whyNoRecording(): Promise<string | null> {
  try {
    await run(TRACER, ['-f', '-qq', '-o', '/dev/null', process.execPath, '--version']);
    return null;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return `there is no '${TRACER}' here (Debian: apt-get install strace)`;
    return `'${TRACER}' may not trace a process here: ${firstLineOf(error)}`;
  }
}

const firstLineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(' ');

/** `directory` is an existing, empty one, and is left empty. */
export async function recordHistory(directory: string, options: HistoryOptions): Promise<Recording> {
  const root = join(directory, 'recorded');
  const dataDirectory = join(root, 'data');
  const saidFile = join(root, 'said');
  const trace = join(directory, 'trace');
  mkdirSync(root);
  const extension = extname(import.meta.filename);
  const writer = resolve(import.meta.dirname, `processes/log-writer${extension}`);
  const { seed, batches, snapshotBytes } = options;
  await run(
    TRACER,
    [
      ...['-f', '--seccomp-bpf', '-xx', '-s', '100000000', '-qq', '-o', trace],
      ...['-e', `trace=${TRACED_CALLS.join(',')}`],
      ...[process.execPath, ...(extension === '.ts' ? ['--import', 'tsx'] : []), writer],
      ...[dataDirectory, saidFile, String(seed), String(batches), String(snapshotBytes)],
    ],
    // File operations in a ring shared with the kernel would not be seen.
    { env: { ...process.env, UV_USE_IO_URING: '0' } },
  );
  const steps = withWords(operationsOf(readFileSync(trace, 'latin1'), root), saidFile);
  rmSync(root, { recursive: true });
  rmSync(trace);
  return { steps, root, dataDirectory };
}

function withWords(operations: readonly FileOperation[], saidFile: string): RecordedStep[] {
  let saidHandle: number | null = null;
  return operations.flatMap((operation): RecordedStep[] => {
    if (operation.kind === 'open' && operation.path === saidFile) {
      saidHandle = operation.handle;
      return [];
    }
    if (!('handle' in operation) || operation.handle !== saidHandle) return [operation];
    return operation.kind === 'write' ? [{ kind: 'said', text: operation.data.toString().trim() }] : [];
  });
}
