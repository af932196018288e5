/**
 * Who is told that a node is current sees everything that anybody had applied when he asked. Histories of clients judge
 * the same by what was read; this finds a stale answer even where nobody had written to that key.
 */
import type { ClientRequest } from '../../../src/core/coordinator/requests.ts';
import { demand } from '../world/violation.ts';
import type { Oracle, Overview } from './oracle.ts';

export function reads(): Oracle {
  let overview: Overview = { nodes: [], decided: [] };
  const decidedWhenAsked = new WeakMap<ClientRequest, number>();

  return {
    begin(everything) {
      overview = everything;
    },
    asked(_node, request) {
      if (request.type === 'readBarrier') decidedWhenAsked.set(request, overview.decided.length);
    },
    replied(node, request, reply) {
      if (request.type !== 'readBarrier' || !reply.ok || reply.value.kind !== 'current') return;
      const { index } = reply.value;
      const decided = decidedWhenAsked.get(request) ?? 0;
      demand(
        index >= decided && node.loop().state().appliedIndex >= index,
        'no stale reads',
        () => `${node.name} is current at ${index}, but ${decided} was decided before it was asked`,
      );
    },
  };
}
