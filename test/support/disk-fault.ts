/**
 * Faults of a disk under a running process. `strace` lets chosen calls of it fail as the system would; a small file
 * system of its own can be filled up, or taken away from writers. Both need rights that not every machine gives, so
 * each has a question first: why not here?
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);

/** Of Debian's package of the same name. */
export const TRACER = 'strace';

const firstLinesOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(' ');

/** Null where processes can be traced. */
export async function whyNoTracing(): Promise<string | null> {
  try {
    await run(TRACER, ['-f', '-qq', '-o', '/dev/null', process.execPath, '--version']);
    return null;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return `there is no '${TRACER}' here (Debian: apt-get install strace)`;
    return `'${TRACER}' may not trace a process here: ${firstLinesOf(error)}`;
  }
}

export type InjectedFault = {
  readonly call: 'fdatasync' | 'write' | 'read' | 'pread64';
  /** Only calls on these files; all of them without. */
  readonly paths?: readonly string[];
} & (
  | { readonly error: 'EIO' | 'ENOSPC' | 'EROFS' }
  /** The call succeeds, after this time. */
  | { readonly delayMs: number }
);

const optionsOf = (fault: InjectedFault): readonly string[] => {
  const { call, paths } = fault;
  const what = 'error' in fault ? `error=${fault.error}` : `delay_enter=${fault.delayMs * 1_000}`;
  return [
    ...['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${what}`],
    ...(paths ?? []).flatMap((path) => ['-P', path]),
  ];
};

/** A command line that starts a process with the fault from its first moment on. */
export const startedWith = (fault: InjectedFault): readonly string[] => [TRACER, ...optionsOf(fault)];

/** Resolves once every thread of the process has the fault; it lasts until `remove`, or as long as the process. */
export async function injectFault(pid: number, fault: InjectedFault): Promise<{ remove(): Promise<void> }> {
  const tracer = spawn(TRACER, [...optionsOf(fault), '-p', String(pid)], { stdio: 'ignore' });
  const ended = once(tracer, 'exit');
  const isTraced = (task: string): boolean =>
    !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'));
  await eventually('the process is traced', () => readdirSync(`/proc/${pid}/task`).every(isTraced));
  return {
    remove: async () => {
      if (tracer.exitCode === null && tracer.signalCode === null) tracer.kill('SIGTERM');
      await ended;
    },
  };
}

/** Null where a file system can be mounted. */
export async function whyNoMounting(): Promise<string | null> {
  const path = mkdtempSync(join(tmpdir(), 'pollux-mount-'));
  try {
    await (await mountSmallDisk(path, 1)).unmount();
    return null;
  } catch (error) {
    return `no file system can be mounted here: ${firstLinesOf(error)}`;
  } finally {
    rmSync(path, { recursive: true });
  }
}

export type SmallDisk = {
  setWritable(writable: boolean): Promise<void>;
  unmount(): Promise<void>;
};

/** A file system in memory of that many megabytes, over an existing directory. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'pollux-test', path]);
  return {
    setWritable: async (writable) => {
      await run('mount', ['-o', `remount,${writable ? 'rw' : 'ro'}`, path]);
    },
    unmount: async () => {
      await run('umount', [path]);
    },
  };
}
