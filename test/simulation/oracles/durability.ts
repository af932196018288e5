/**
 * What is promised is on disks: entries that a node says it holds on its own, entries that anybody applies on a
 * majority's, and a client is told of its own command only where that is decided. What a disk held that was lost
 * since counts: it was there when it was promised, and `replacements.ts` judges what a tier makes of such a loss.
 */

import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftEntry, RaftMessage } from '../../../src/core/raft/types.ts';
import type { SimulatedDisk } from '../world/simulated-disk.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import { keyValueCommandOf, nameOf } from './entries.ts';
import type { Oracle, Overview } from './oracle.ts';

const holds = (disk: SimulatedDisk, { index, term }: Pick<RaftEntry, 'index' | 'term'>): boolean =>
  index < disk.snapshotIndex || disk.termAt(index) === term;

const PROMISE = 'promises are on disk before they leave';

export function durability(): Oracle {
  let overview: Overview = { nodes: [], decided: [] };
  /** Size of each snapshot that was sent, by index and term. */
  const sizes = new Map<string, number>();
  const lost = new Map<NodeName, SimulatedDisk[]>();

  const onRaft = (node: SimulatedNode, message: RaftMessage): void => {
    const { disk, name } = node;
    switch (message.type) {
      case 'appendReply': {
        // A later term on the disk may have replaced what this answer speaks of.
        if (!message.outcome.accepted || disk.hardState.term > message.term) return;
        const { matchIndex } = message.outcome;
        demand(
          disk.hardState.term === message.term && disk.lastIndex >= matchIndex,
          PROMISE,
          () =>
            `${name} answers that it holds ${matchIndex} in ${message.term}, its disk ends at ${disk.lastIndex}`,
        );
        return;
      }
      case 'snapshotChunk':
        sizes.set(nameOf(message.snapshot), message.totalBytes);
        return;
      case 'snapshotReply': {
        const { snapshot, receivedBytes } = message;
        const isWhole = receivedBytes >= (sizes.get(nameOf(snapshot)) ?? Number.POSITIVE_INFINITY);
        if (!isWhole || disk.hardState.term > message.term) return;
        demand(
          holds(disk, snapshot),
          PROMISE,
          () => `${name} says it holds the snapshot at ${snapshot.index}`,
        );
        return;
      }
      default:
        return;
    }
  };

  return {
    begin(everything) {
      overview = everything;
    },
    lostDisk({ name }, former) {
      lost.set(name, [...(lost.get(name) ?? []), former]);
    },
    sent(node, _to, message) {
      if (message.kind === 'raft') onRaft(node, message.message);
    },
    decided(node, entry) {
      const holders = overview.nodes.filter((other) =>
        [other.disk, ...(lost.get(other.name) ?? [])].some((disk) => holds(disk, entry)),
      );
      demand(
        holders.length * 2 > overview.nodes.length,
        "every commit is on a quorum's disks",
        () => `${node.name} applied ${nameOf(entry)}, held by ${holders.map(({ name }) => name).join(', ')}`,
      );
    },
    replied(node, request, reply) {
      if (request.type !== 'propose' || !reply.ok || reply.value.kind !== 'committed') return;
      if (!request.command.type.startsWith('keyValue.')) return;
      const { index } = reply.value;
      const entry = overview.decided[index - 1];
      const command = entry === undefined ? null : keyValueCommandOf(entry);
      demand(
        JSON.stringify(command) === JSON.stringify(request.command),
        'a client is told of its own command, once it is decided',
        () =>
          `${node.name} answers ${JSON.stringify(request.command)} with ${index}: ${JSON.stringify(command)}`,
      );
    },
  };
}
