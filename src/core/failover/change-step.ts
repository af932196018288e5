/** The next step that a running group's sync set needs, and what it is judged by. */
import type { ServerReport } from '../liveness/observation.ts';
import type { BrokerGroup, SyncRule, SyncSetMember } from '../metadata/state.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';
import type { TimeFence } from './steering.ts';

export type ReplicaState = {
  /** Newest report of any vantage; null when there is none. */
  readonly report: ServerReport | null;
  /** It answered some node within the detection time. */
  readonly reachable: boolean;
  /**
   * How long ago it was last seen to follow the master with its link up, as the committed process; 0 while it does.
   * Counted from the beginning of this leader's watching at most.
   */
  readonly awayForMs: number;
};

/** What this leader's own hand has done in its term; a new leader starts with nothing and does it again. */
export type SteeringProgress = {
  /** The newest grant (or promotion) that the master confirmed, with what it reported after that. */
  readonly granted: {
    readonly version: number;
    readonly inbound: readonly ReplicaId[];
    readonly timeFence: TimeFence | null;
    readonly offset: bigint;
    readonly connectedSlaves: number;
    /** Monotonic moment at which the master first confirmed this version to this leader. */
    readonly versionSinceMs: number;
  } | null;
  /** Replicas revoked and read, with the process that was. */
  readonly fenced: ReadonlyMap<ReplicaId, Incarnation>;
  /** Inbound users that members confirmed, as the processes that answer now, for those that catch up below them. */
  readonly chained: ReadonlyMap<ReplicaId, readonly ReplicaId[]>;
  /** Servers that an action is under way on, or failed on a moment ago: no step asks for another one. */
  readonly notNow: ReadonlySet<ReplicaId>;
};

export type ChangeInput = {
  /** In phase `active`. */
  readonly group: BrokerGroup;
  readonly replicas: ReadonlyMap<ReplicaId, ReplicaState>;
  readonly progress: SteeringProgress;
  readonly nowMs: number;
  /** A member that is away for longer is removed; nobody is away for longer than its version is granted. */
  readonly removeAfterMs: number;
};

export type ChangeStep =
  | { readonly kind: 'none'; readonly detail: string }
  /**
   * The policy forbids what would help; an operator should know. `reattach`: a member that follows the master in vain, as
   * one does that somebody attached by hand, without its user; told again it may get through.
   */
  | {
      readonly kind: 'hold';
      readonly code: 'shortage';
      readonly detail: string;
      readonly reattach: { readonly replica: ReplicaId; readonly incarnation: Incarnation } | null;
    }
  /**
   * On the master: inbound users become exactly `inbound`, producers' users those of `version`, the time fence that
   * of its rule. Also how a member is
   * cut off before it is removed.
   */
  | {
      readonly kind: 'grant';
      readonly version: number;
      readonly inbound: readonly ReplicaId[];
      readonly timeFence: TimeFence | null;
      readonly detail: string;
    }
  | { readonly kind: 'markCaughtUp'; readonly version: number; readonly replicas: readonly ReplicaId[] }
  | { readonly kind: 'settle'; readonly keepFrom: number }
  /** Tell it to follow the master, which has its inbound user. */
  | { readonly kind: 'attach'; readonly replica: ReplicaId; readonly incarnation: Incarnation }
  /** Revoke and read a server that came back; a former master's tail is put aside first. */
  | { readonly kind: 'fence'; readonly replica: ReplicaId }
  /** Inbound users of the member `below` become exactly `inbound`, then `replica` follows it until it has caught up. */
  | {
      readonly kind: 'chain';
      readonly replica: ReplicaId;
      readonly incarnation: Incarnation;
      readonly below: ReplicaId;
      readonly inbound: readonly ReplicaId[];
    }
  /** Commit this sync set as `expectedVersion` + 1. */
  | {
      readonly kind: 'commit';
      readonly change: 'add' | 'remove' | 'rule';
      readonly expectedVersion: number;
      readonly members: readonly SyncSetMember[];
      readonly rule: SyncRule;
      readonly degraded: boolean;
      readonly incarnations: readonly { readonly replica: ReplicaId; readonly incarnation: Incarnation }[];
      readonly detail: string;
    };
