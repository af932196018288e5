/**
 * One vote a term, over crashes too; and a vote that leaves a node is on its disk already. What a disk that was lost
 * knew of votes is gone with it; that nobody is elected by such a vote is judged as election safety.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { HardState } from '../../../src/core/raft/types.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import type { Oracle } from './oracle.ts';

export function votes(): Oracle {
  /** What others could see of a vote: `disk of voter, term` to candidate. */
  const seen = new Map<string, NodeName>();
  const stored = new Map<NodeName, HardState>();

  const voted = (voter: SimulatedNode, term: number, candidate: NodeName): void => {
    const key = `${voter.directory.id} ${term}`;
    const earlier = seen.get(key) ?? candidate;
    demand(earlier === candidate, 'no double vote', () => `${key}: ${earlier} and ${candidate}`);
    seen.set(key, candidate);
    const { hardState } = voter.disk;
    demand(
      hardState.term > term || (hardState.term === term && hardState.votedFor === candidate),
      'a vote is on disk before it leaves',
      () => `${key} for ${candidate}, the disk says ${hardState.votedFor} in ${hardState.term}`,
    );
  };

  return {
    sent(node, to, message) {
      if (message.kind !== 'raft') return;
      const raft = message.message;
      if (raft.type === 'vote') voted(node, raft.term, node.name);
      if (raft.type === 'voteReply' && raft.granted) voted(node, raft.term, to);
    },
    lostDisk(node) {
      stored.delete(node.name);
    },
    persisted(node, { hardState }) {
      if (hardState === null) return;
      const before = stored.get(node.name);
      demand(
        before?.term !== hardState.term || before.votedFor === null || before.votedFor === hardState.votedFor,
        'no double vote',
        () => `${node.name} takes its vote in ${hardState.term} back`,
      );
      stored.set(node.name, hardState);
    },
  };
}
