/** What a node's loop is told once, at its start. */
import type { CoordinatorOptions } from '../coordinator/context.ts';
import type { RaftOptions } from '../raft/types.ts';

export type NodeOptions = {
  readonly raft: RaftOptions;
  readonly coordinator: CoordinatorOptions;
  /** How long a client's request may wait before it is told that its outcome is unknown. */
  readonly requestTimeoutMs: number;
  readonly entriesBeforeSnapshot: number;
  /** Lower than the bound of primitives/limits.ts where a test wants snapshots sooner. */
  readonly bytesBeforeSnapshot?: number;
};
