/** What a look at the servers read comes to, for a running group and for one that is being adopted. */
import type { BrokerGroup, GroupPhase, HistoryCandidate } from '../metadata/state.ts';
import type { Epoch, Incarnation, Lineage, ReplicaId, SiteName } from '../primitives/identifiers.ts';
import type { ServerRead } from './coverage.ts';

export type CandidateInput = {
  /** In phase `fencing`; its reason, preference and unsafe flag steer the choice. */
  readonly group: BrokerGroup;
  /** Reports taken after revoking, in this phase. */
  readonly reads: readonly ServerRead[];
  /** IDCs that are being emptied: a master stands there only where nobody elsewhere is as far; none where left out. */
  readonly avoided?: ReadonlySet<SiteName>;
  /** IDCs that an operator keeps automatic promotion out of; none where it is left out. */
  readonly closedSites?: ReadonlySet<SiteName>;
  /** Every server that can be reached was read, or the time for that is over: wait for no better choice. */
  readonly collectionOver: boolean;
};

/** `proven`: holds every acknowledged write. `async`: nothing was promised. `unsafe`: an operator accepted loss. */
export type Ground = 'proven' | 'async' | 'unsafe';

export type Choice =
  | {
      readonly kind: 'promote';
      readonly candidate: ReplicaId;
      readonly incarnation: Incarnation;
      /** Offset and lineage at which the candidate was read. */
      readonly cut: bigint;
      readonly cutLineage: Lineage;
      /** Reign, or promotion given up, that wrote its last byte; null where its place is not known. */
      readonly cutEpoch: Epoch | null;
      /** Lineages that promotions given up before were found to have begun. */
      readonly branches: readonly { readonly epoch: Epoch; readonly lineage: Lineage }[];
      /** The old master itself goes on. */
      readonly reinstated: boolean;
      readonly ground: Ground;
      readonly detail: string;
      readonly candidates: readonly HistoryCandidate[];
    }
  /**
   * `wait`: servers that are still being asked may complete it. `unprovable`: only servers that come back can. `closed`: it
   * is proven, but whoever holds everything stands where automatic promotion must not go.
   */
  | {
      readonly kind: 'wait' | 'unprovable' | 'closed';
      /** Replicas whose reading would help. */
      readonly missing: readonly ReplicaId[];
      /** Of the best server read; null when none counts. */
      readonly bestOffset: bigint | null;
      readonly detail: string;
      readonly candidates: readonly HistoryCandidate[];
    };

export type Fencing = Extract<GroupPhase, { kind: 'fencing' }>;
