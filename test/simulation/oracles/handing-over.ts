/**
 * Who campaigns at once, past everybody's promise to stand by the leader, was asked to by the leader that it follows in
 * this very term; or led until now and has given its lease up by asking another one. The leader of any other term
 * may hold a lease.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { demand } from '../world/violation.ts';
import type { Oracle } from './oracle.ts';

export function handingOver(): Oracle {
  const counts = { askedToCampaign: 0, askedInVain: 0 };
  /** Terms in which a node may hand over, by node: as the one that was asked, or as the one that asked. */
  const asked = new Map<NodeName, Set<number>>();

  const add = (name: NodeName, term: number): void => {
    asked.set(name, (asked.get(name) ?? new Set()).add(term));
  };

  return {
    counts,
    started({ name }) {
      asked.delete(name);
    },
    received(node, from, message) {
      if (message.kind !== 'raft' || message.message.type !== 'timeoutNow') return;
      const { leader, term } = node.status();
      const isFollowed = leader === from && term === message.message.term;
      // One that waits for the disk is handled in its turn, and nobody outside can tell what it finds then.
      if (isFollowed || node.awaitsDisk) {
        counts.askedToCampaign += 1;
        add(node.name, message.message.term);
      } else counts.askedInVain += 1;
    },
    sent(node, _to, message) {
      if (message.kind !== 'raft') return;
      const { type, term } = message.message;
      if (type === 'timeoutNow') add(node.name, term);
      if (type !== 'vote' || !message.message.transfer) return;
      demand(
        asked.get(node.name)?.has(term - 1) === true,
        'only the leader of this term asks to be replaced',
        () => `${node.name} campaigns for ${term} in the name of a leader that did not ask for it`,
      );
    },
  };
}
