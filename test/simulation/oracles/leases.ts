/**
 * While a leader may act on its lease, nobody is elected above it and nothing of a later term is decided. A node that
 * leads and says that it is current says that its lease holds.
 */
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import { nameOf } from './entries.ts';
import type { Oracle } from './oracle.ts';

const holdsLease = (node: SimulatedNode): boolean => node.loop().isCurrent(node.clock.now());

export function leases(): Oracle {
  let nodes: readonly SimulatedNode[] = [];
  const counts = { leadersOutlived: 0 };

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
    elected(node, term) {
      nobodyBelow(term, () => `${node.name} was elected in ${term}`);
    },
    decided(_node, entry) {
      nobodyBelow(entry.term, () => `${nameOf(entry)} was decided`);
    },
  };
}
