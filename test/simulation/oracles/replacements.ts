/**
 * A node whose disk was lost says nothing to its peers but its question, until its replacement is decided; and that is
 * decided by a majority without it, which then holds all that it forgot.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { demand } from '../world/violation.ts';
import { joinOf, nameOf } from './entries.ts';
import type { Oracle, Overview } from './oracle.ts';

export function replacements(): Oracle {
  let overview: Overview = { nodes: [], decided: [] };
  /** Nodes whose new directory the tier has not accepted yet. */
  const silent = new Set<NodeName>();
  const counts = { replacementsDecided: 0 };

  return {
    counts,
    begin(everything) {
      overview = everything;
    },
    lostDisk({ name }) {
      silent.add(name);
    },
    sent({ name }, _to, { kind }) {
      demand(
        kind === 'forward' || !silent.has(name),
        'a node without its disk keeps silent until it is let in',
        () => `${name} sends ${kind}`,
      );
    },
    decided(_node, entry) {
      if (silent.size === 0) return;
      const join = joinOf(entry);
      const joining = overview.nodes.find(({ name }) => name === join?.node);
      if (join === null || joining === undefined || !silent.has(joining.name)) return;
      if (joining.directory.id !== join.directoryId) return;
      const holders = overview.nodes.filter(
        ({ name, disk }) =>
          name !== joining.name &&
          (entry.index < disk.snapshotIndex || disk.termAt(entry.index) === entry.term),
      );
      demand(
        holders.length * 2 > overview.nodes.length,
        'a replacement is decided without the node that was lost',
        () => `${nameOf(entry)} lets ${join.node} in, held by ${holders.map(({ name }) => name).join(', ')}`,
      );
      counts.replacementsDecided += 1;
      silent.delete(joining.name);
    },
  };
}
