/**
 * What a process did to the files below one directory, read from what `strace` wrote down of it. Calls stand in the
 * order in which they returned: threads overlap, but a write that another one waited for has returned before. Only
 * calls that succeeded count, and only as much of a write as the system took.
 */
import { must } from '../../src/core/primitives/assert.ts';

export type FileOperation =
  | { readonly kind: 'makeDirectory'; readonly path: string }
  | {
      readonly kind: 'open';
      readonly handle: number;
      readonly path: string;
      readonly create: boolean;
      readonly truncate: boolean;
      readonly append: boolean;
    }
  | {
      readonly kind: 'write';
      readonly handle: number;
      /** Null for a write behind the last one. */
      readonly offset: number | null;
      readonly data: Buffer;
    }
  | { readonly kind: 'resize'; readonly handle: number; readonly length: number }
  | { readonly kind: 'sync'; readonly handle: number }
  | { readonly kind: 'close'; readonly handle: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string };

/** Everything that changes files, or says that they have to last. What is not understood below is an error. */
export const TRACED_CALLS = [
  ...['open', 'openat', 'creat', 'close', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate'],
  ...['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'mkdir', 'mkdirat'],
  ...['writev', 'pwritev', 'pwritev2', 'truncate', 'fallocate', 'link', 'linkat', 'sync', 'syncfs'],
  ...['sync_file_range', 'copy_file_range', 'sendfile', 'dup', 'dup2', 'dup3'],
] as const;

const CALL = /^(\d+)\s+([a-z0-9_]+)\((.*)\)\s+=\s+(-?\d+|\?)/s;
const UNFINISHED = /^(\d+)\s+(.*) <unfinished \.\.\.>$/s;
const RESUMED = /^(\d+)\s+<\.\.\. [a-z0-9_]+ resumed>(.*)$/s;

/** `below` is an absolute path. Strings in the trace are hexadecimal throughout (`strace -xx`). */
export function operationsOf(trace: string, below: string): FileOperation[] {
  const operations: FileOperation[] = [];
  const unfinished = new Map<string, string>();
  const handles = new Set<number>();
  for (const line of trace.split('\n')) {
    const begun = UNFINISHED.exec(line);
    if (begun !== null) {
      unfinished.set(must(begun[1], 'a process'), `${begun[1]} ${begun[2]}`);
      continue;
    }
    const resumed = RESUMED.exec(line);
    const whole = resumed === null ? line : `${unfinished.get(resumed[1] ?? '') ?? ''}${resumed[2]}`;
    const call = CALL.exec(whole);
    if (call === null) continue;
    const [, , name = '', parameters = '', result = ''] = call;
    if (result === '?' || Number(result) < 0) continue;
    const operation = operationOf(name, parameters, Number(result), below, handles);
    if (operation !== null) operations.push(operation);
  }
  return operations;
}

function operationOf(
  name: string,
  parameters: string,
  result: number,
  below: string,
  handles: Set<number>,
): FileOperation | null {
  const paths = (): string[] =>
    [...parameters.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => bytesOf(hex).toString());
  const isBelow = (path: string | undefined): boolean =>
    path === below || path?.startsWith(`${below}/`) === true;
  const handle = Number(/^\d+/.exec(parameters)?.[0] ?? -1);
  switch (name) {
    case 'open':
    case 'openat':
    case 'creat': {
      const path = must(paths()[0], 'a path');
      if (!isBelow(path)) return null;
      handles.add(result);
      const has = (flag: string): boolean => name === 'creat' || parameters.includes(flag);
      const append = parameters.includes('O_APPEND');
      return { kind: 'open', handle: result, path, create: has('O_CREAT'), truncate: has('O_TRUNC'), append };
    }
    case 'mkdir':
    case 'mkdirat': {
      const path = must(paths()[0], 'a path');
      return isBelow(path) ? { kind: 'makeDirectory', path } : null;
    }
    case 'rename':
    case 'renameat':
    case 'renameat2': {
      const [from, to] = paths();
      return isBelow(from) || isBelow(to)
        ? { kind: 'rename', from: must(from, 'a path'), to: must(to, 'a path') }
        : null;
    }
    case 'unlink':
    case 'unlinkat': {
      const path = must(paths()[0], 'a path');
      return isBelow(path) ? { kind: 'remove', path } : null;
    }
    default:
      return handles.has(handle) ? handleOperation(name, handle, parameters, result, handles) : null;
  }
}

function handleOperation(
  name: string,
  handle: number,
  parameters: string,
  result: number,
  handles: Set<number>,
): FileOperation {
  switch (name) {
    case 'close':
      handles.delete(handle);
      return { kind: 'close', handle };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', handle };
    case 'ftruncate':
      return { kind: 'resize', handle, length: Number(parameters.split(', ')[1]) };
    case 'write':
    case 'pwrite64': {
      const from = parameters.indexOf('"') + 1;
      const to = parameters.lastIndexOf('"');
      const data = bytesOf(parameters.slice(from, to)).subarray(0, result);
      const offset = name === 'write' ? null : Number(parameters.slice(parameters.lastIndexOf(', ') + 2));
      return { kind: 'write', handle, offset, data };
    }
    default:
      throw new Error(`${name}(${parameters.slice(0, 80)}): a call that the recording does not understand`);
  }
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex');
