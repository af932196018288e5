/**
 * Election safety: one leader a term. Leader completeness: whoever leads holds everything that was decided in earlier
 * terms. Append-only: a leader neither replaces nor removes what it has of its term.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftEntry } from '../../../src/core/raft/types.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import { nameOf } from './entries.ts';
import type { Oracle } from './oracle.ts';

export function leaders(): Oracle {
  const leaderOfTerm = new Map<number, NodeName>();
  /** The term of the node that applied each entry first: it was decided then at the latest. */
  const decidedBy: { readonly entry: RaftEntry; readonly term: number }[] = [];
  const sentInTerm = new Map<number, Map<number, number>>();
  const written = new Map<NodeName, { readonly term: number; readonly lastIndex: number }>();

  const leads = (node: SimulatedNode, term: number): void => {
    const other = leaderOfTerm.get(term) ?? node.name;
    demand(other === node.name, 'election safety', () => `${other} and ${node.name} lead term ${term}`);
    leaderOfTerm.set(term, node.name);
  };

  return {
    elected(node, term) {
      leads(node, term);
      const { disk, name } = node;
      demand(
        disk.hardState.term === term && disk.hardState.votedFor === name,
        'a leader has voted for itself on disk',
        () => `${name} leads ${term}, its disk says ${disk.hardState.votedFor} in ${disk.hardState.term}`,
      );
      for (const decision of decidedBy) {
        const { index, term: entryTerm } = decision.entry;
        if (index < disk.snapshotIndex || decision.term >= term) continue;
        demand(
          disk.termAt(index) === entryTerm,
          'leader completeness',
          () => `${name} leads term ${term} without ${nameOf(decision.entry)}`,
        );
      }
    },
    decided(node, entry) {
      decidedBy.push({ entry, term: node.status().term });
    },
    sent(node, _to, message) {
      if (message.kind !== 'raft' || message.message.type !== 'append') return;
      const { term, entries } = message.message;
      leads(node, term);
      let sent = sentInTerm.get(term);
      if (sent === undefined) {
        sent = new Map();
        sentInTerm.set(term, sent);
      }
      for (const entry of entries) {
        const before = sent.get(entry.index) ?? entry.term;
        demand(
          before === entry.term,
          'append-only leader',
          () => `${node.name} sends ${nameOf(entry)}, earlier in term ${term} it was of ${before}`,
        );
        sent.set(entry.index, entry.term);
      }
    },
    persisted(node) {
      const { name, disk } = node;
      const { role, term } = node.status();
      if (role !== 'leader') {
        written.delete(name);
        return;
      }
      const before = written.get(name);
      demand(
        before?.term !== term || before.lastIndex <= disk.lastIndex,
        'append-only leader',
        () => `${name} leads ${term} and shortens its log from ${before?.lastIndex} to ${disk.lastIndex}`,
      );
      written.set(name, { term, lastIndex: disk.lastIndex });
    },
  };
}
