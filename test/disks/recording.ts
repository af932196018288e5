/** Runs the real disk log in a process of its own under `strace`, and keeps what it did to its files. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TRACER } from '../support/disk-fault.ts';
import type { HistoryOptions } from './log-history.ts';
import { type FileOperation, operationsOf, TRACED_CALLS } from './traced-calls.ts';

const run = promisify(execFile);

/** Words of the writing process beside its file operations; see processes/log-writer.ts. */
export type RecordedStep = FileOperation | { readonly kind: 'said'; readonly text: string };
export type Recording = {
  readonly steps: readonly RecordedStep[];
  /** Directory below which everything happened, and the data directory in it. */
  readonly root: string;
  readonly dataDirectory: string;
};

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
