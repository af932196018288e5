/**
 * While a leader may act on its lease, nobody is elected above it and nothing of a later term is decided. A node that
 * leads and says that it is current says that its lease holds; it rests on a majority that has answered this leader in
 * this term, for less than an election timeout.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import { nameOf } from './entries.ts';
import type { Oracle } from './oracle.ts';

const holdsLease = (node: SimulatedNode): boolean => node.loop().isCurrent(node.clock.now());

export function leases(electionTimeoutMs: number): Oracle {
  /** When each peer was last heard to answer a node in the term that it leads, by that node's clock. */
  const answered = new Map<NodeName, Map<NodeName, number>>();
  let nodes: readonly SimulatedNode[] = [];
  const counts = { leadersOutlived: 0, answersOfAnEarlierTerm: 0 };

  const nobodyBelow = (term: number, what: () => string): void => {
    for (const node of nodes) {
      if (!node.leads || node.status().term >= term) continue;
      counts.leadersOutlived += 1;
      demand(!holdsLease(node), 'leases never overlap', () => `${what()} under the lease of ${node.name}`);
    }
  };

  return {
    counts,
    begin(overview) {
      nodes = overview.nodes;
    },
    started({ name }) {
      answered.delete(name);
    },
    received(node, from, message) {
      if (message.kind !== 'raft' || !node.leads) return;
      const { type, term } = message.message;
      if (type !== 'appendReply' && type !== 'snapshotReply') return;
      if (term < node.status().term) counts.answersOfAnEarlierTerm += 1;
      if (term === node.status().term) answered.get(node.name)?.set(from, node.clock.monotonicMs());
    },
    stepped(node, input) {
      // Before it has looked at the time it may still speak as the follower that it was.
      if (input.kind !== 'tick' || node.awaitsDisk || !node.leads || !holdsLease(node)) return;
      const nowMs = node.clock.monotonicMs();
      const times = [...(answered.get(node.name)?.values() ?? [])];
      const supporters = 1 + times.filter((atMs) => nowMs - atMs < electionTimeoutMs).length;
      demand(
        supporters * 2 > nodes.length,
        'a lease rests on answers of its term',
        () =>
          `${node.name} says that it is current in ${node.status().term}, heard by ${supporters - 1} others`,
      );
    },
    elected(node, term) {
      answered.set(node.name, new Map());
      nobodyBelow(term, () => `${node.name} was elected in ${term}`);
    },
    decided(_node, entry) {
      nobodyBelow(entry.term, () => `${nameOf(entry)} was decided`);
    },
  };
}
