/**
 * A leader that a majority has not answered for long gives its place up by itself: else its clients would wait for it,
 * and it would call itself leader beside the next one, for as long as it is cut off. Judged when it looks at the time,
 * which a process that stands still, or waits for its disk, does not.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { demand } from '../world/violation.ts';
import type { Oracle } from './oracle.ts';

/** Answers that a majority must have given within so many election timeouts. */
const PATIENCE = 2;

export function stepsDown(electionTimeoutMs: number): Oracle {
  let majority = 1;
  /** When each peer was last heard in the term that a node leads, by that node's clock. */
  const heard = new Map<NodeName, { readonly sinceMs: number; readonly byPeer: Map<NodeName, number> }>();

  return {
    begin({ nodes }) {
      majority = Math.floor(nodes.length / 2) + 1;
    },
    started(node) {
      heard.delete(node.name);
    },
    elected(node) {
      heard.set(node.name, { sinceMs: node.clock.monotonicMs(), byPeer: new Map() });
    },
    received(node, from) {
      heard.get(node.name)?.byPeer.set(from, node.clock.monotonicMs());
    },
    stepped(node, input) {
      const known = heard.get(node.name);
      if (known === undefined || input.kind !== 'tick' || !node.leads || node.awaitsDisk) return;
      const nowMs = node.clock.monotonicMs();
      const isRecent = (atMs: number): boolean => nowMs - atMs < PATIENCE * electionTimeoutMs;
      if (isRecent(known.sinceMs)) return;
      const answering = [...known.byPeer.values()].filter(isRecent).length + 1;
      demand(
        answering >= majority,
        'a leader without a majority steps down',
        () => `${node.name} leads on, heard by ${answering - 1} others`,
      );
    },
  };
}
