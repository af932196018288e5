/**
 * Log matching: an index and a term name one entry and one predecessor wherever they are met, on a disk or on the wire;
 * by induction they name one log up to there.
 */
import type { RaftEntry } from '../../../src/core/raft/types.ts';
import { demand } from '../world/violation.ts';
import { isSameEntry, nameOf } from './entries.ts';
import type { Oracle } from './oracle.ts';

/** More terms than any life has. */
const TERMS = 1_000_000;

export function logMatching(): Oracle {
  const known = new Map<number, { readonly entry: RaftEntry; readonly previousTerm: number }>();

  const met = (entry: RaftEntry, previousTerm: number, where: () => string): void => {
    const key = entry.index * TERMS + entry.term;
    const before = known.get(key);
    if (before === undefined) {
      known.set(key, { entry, previousTerm });
      return;
    }
    demand(
      isSameEntry(before.entry, entry) && before.previousTerm === previousTerm,
      'log matching',
      () => `${nameOf(entry)} is another one ${where()}`,
    );
  };

  return {
    persisted(node, { entries }) {
      for (const entry of entries)
        met(entry, node.disk.termAt(entry.index - 1) ?? 0, () => `on the disk of ${node.name}`);
    },
    sent(node, _to, message) {
      if (message.kind !== 'raft' || message.message.type !== 'append') return;
      let { previousTerm } = message.message;
      for (const entry of message.message.entries) {
        met(entry, previousTerm, () => `in a message of ${node.name}`);
        previousTerm = entry.term;
      }
    },
  };
}
