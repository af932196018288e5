/** What oracles read out of log entries, with eyes of their own: nothing here is shared with the node's codec. */
import type { RaftEntry } from '../../../src/core/raft/types.ts';

export type KeyValueCommand =
  | { readonly type: 'keyValue.set'; readonly key: string; readonly value: string }
  | { readonly type: 'keyValue.remove'; readonly key: string };

/** The same entry in every respect. */
export function isSameEntry(one: RaftEntry, other: RaftEntry): boolean {
  if (one === other) return true;
  return (
    one.index === other.index &&
    one.term === other.term &&
    one.kind === other.kind &&
    (one.data === other.data || Buffer.compare(one.data, other.data) === 0)
  );
}

/** Null for an entry that does not touch the key-value configuration. A byte of the format precedes the JSON. */
export function keyValueCommandOf({ kind, data }: RaftEntry): KeyValueCommand | null {
  if (kind === 'empty') return null;
  const command: unknown = JSON.parse(Buffer.from(data).toString('utf8', 1));
  return isKeyValueCommand(command) ? command : null;
}

function isKeyValueCommand(value: unknown): value is KeyValueCommand {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return value.type === 'keyValue.set' || value.type === 'keyValue.remove';
}

export const nameOf = ({ index, term }: { readonly index: number; readonly term: number }): string =>
  `entry ${index} of term ${term}`;
