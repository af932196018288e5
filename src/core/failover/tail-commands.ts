/**
 * What is in a piece of a Redis replication stream: commands as arrays of bulk strings, one behind the other. The piece
 * may end in the middle of one.
 */
import type { TailCounts } from '../metadata/state.ts';

export type TailCommand = readonly string[];

export type ParsedTail = {
  readonly commands: readonly TailCommand[];
  /** Bytes at the end that are no whole command. */
  readonly leftBytes: number;
};

/** Keep a stream going, or frame what follows; none of them changes data. */
const HOUSEKEEPING = new Set([
  'PING',
  'REPLCONF',
  'SELECT',
  'MULTI',
  'EXEC',
  'PUBLISH',
  'SPUBLISH',
  'SCRIPT',
]);

const ASTERISK = 0x2a;
const DOLLAR = 0x24;
const LINE_FEED = 0x0a;
const decoder = new TextDecoder('utf-8');

/** A line that ends with CR LF, as a number behind its first character; null where it is not whole, or not one. */
function readCount(bytes: Uint8Array, at: number, mark: number): { count: number; next: number } | null {
  if (bytes[at] !== mark) return null;
  const end = bytes.indexOf(LINE_FEED, at);
  if (end < 0) return null;
  const text = decoder.decode(bytes.subarray(at + 1, end - 1));
  return /^\d{1,10}$/.test(text) ? { count: Number(text), next: end + 1 } : null;
}

function readCommand(
  bytes: Uint8Array,
  at: number,
): { readonly command: TailCommand; readonly next: number } | null {
  const header = readCount(bytes, at, ASTERISK);
  if (header === null) return null;
  const command: string[] = [];
  let { next } = header;
  for (let word = 0; word < header.count; word += 1) {
    const length = readCount(bytes, next, DOLLAR);
    if (length === null || length.next + length.count + 2 > bytes.length) return null;
    command.push(decoder.decode(bytes.subarray(length.next, length.next + length.count)));
    next = length.next + length.count + 2;
  }
  return { command, next };
}

export function parseTail(bytes: Uint8Array): ParsedTail {
  const commands: TailCommand[] = [];
  let at = 0;
  for (let read = readCommand(bytes, at); read !== null; read = readCommand(bytes, at)) {
    if (read.command.length > 0) commands.push(read.command);
    at = read.next;
  }
  return { commands, leftBytes: bytes.length - at };
}

/** A master deletes what has expired, or what it has no room for, by these; nothing tells them from a client's own. */
const isPerhapsExpiry = ([name = '', ...keys]: TailCommand): boolean =>
  /^(DEL|UNLINK)$/i.test(name) && keys.length === 1;

export function countTail(commands: readonly TailCommand[]): TailCounts {
  const counts = { writes: 0, perhapsExpiries: 0, others: 0 };
  for (const command of commands) {
    if (HOUSEKEEPING.has((command[0] ?? '').toUpperCase())) counts.others += 1;
    else if (isPerhapsExpiry(command)) counts.perhapsExpiries += 1;
    else counts.writes += 1;
  }
  return counts;
}
