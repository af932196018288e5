/** What oracles read out of log entries, with eyes of their own: nothing here is shared with the node's codec. */
import type { GroupKey } from '../../../src/core/primitives/identifiers.ts';
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

/** A byte of the format precedes the JSON. */
const commandOf = ({ kind, data }: RaftEntry): unknown =>
  kind === 'empty' ? null : JSON.parse(Buffer.from(data).toString('utf8', 1));

/** Null for an entry that does not touch the key-value configuration. */
export function keyValueCommandOf(entry: RaftEntry): KeyValueCommand | null {
  const command = commandOf(entry);
  return isKeyValueCommand(command) ? command : null;
}

/** The node that an entry would let in, and with which directory; null for any other entry. */
export function joinOf(entry: RaftEntry): { readonly node: string; readonly directoryId: string } | null {
  const command = commandOf(entry);
  if (typeof command !== 'object' || command === null || !('type' in command)) return null;
  if (command.type !== 'member.join' || !('node' in command) || !('directoryId' in command)) return null;
  const { node, directoryId } = command;
  return typeof node === 'string' && typeof directoryId === 'string' ? { node, directoryId } : null;
}

/** Of which group an entry would end the reign, and why; null for any other entry. */
export function fenceOf(entry: RaftEntry): { readonly group: GroupKey; readonly reason: string } | null {
  const command = commandOf(entry);
  return isFence(command) ? { group: command.key, reason: command.reason } : null;
}

type Fence = { readonly type: 'group.fence'; readonly key: GroupKey; readonly reason: string };

function isFence(value: unknown): value is Fence {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'group.fence';
}

function isKeyValueCommand(value: unknown): value is KeyValueCommand {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return value.type === 'keyValue.set' || value.type === 'keyValue.remove';
}

export const nameOf = ({ index, term }: { readonly index: number; readonly term: number }): string =>
  `entry ${index} of term ${term}`;
