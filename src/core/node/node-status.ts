/** What a node says of itself to doors: consensus as it stands, and how long ago its leader was heard. */
import { term as asTerm } from '../primitives/identifiers.ts';
import type { RaftStatus } from '../raft/types.ts';
import type { NodeStatus } from './face.ts';
import type { NodeOptions } from './node-options.ts';

export function nodeStatus(
  { raft, coordinator }: NodeOptions,
  { role, term, leader, commitIndex, appliedIndex, lastIndex, snapshotIndex }: RaftStatus,
  leaderHeardMsAgo: number | null,
): NodeStatus {
  return {
    node: raft.self,
    site: coordinator.site,
    role,
    term: asTerm(term),
    leader,
    commitIndex,
    appliedIndex,
    lastIndex,
    snapshotIndex,
    leaderHeardMsAgo,
  };
}
