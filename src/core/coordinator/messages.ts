/** What coordinators of different nodes ask of each other; none of it is replicated. */
import type { SteerRequest, SteerResult } from '../failover/steering.ts';
import type { Observation, ReplicaRef } from '../liveness/observation.ts';
import type { Incarnation, SiteName, Term } from '../primitives/identifiers.ts';

export type Testimony = {
  readonly site: SiteName;
  readonly verdict: 'dead' | 'alive' | 'abstain' | 'neverReached';
  /** One line for the record: what was seen, and when. */
  readonly detail: string;
};

export type CoordinatorMessage =
  /** Leader asks: probe this master afresh and say what you make of it. */
  | { readonly type: 'confirm'; readonly term: Term; readonly confirmId: number; readonly ref: ReplicaRef; readonly incarnation: Incarnation }
  | { readonly type: 'confirmReply'; readonly term: Term; readonly confirmId: number; readonly testimony: Testimony }
  /** Newest observations of a follower, for the leader's page of vantages. */
  | { readonly type: 'evidence'; readonly observations: readonly { readonly observation: Observation; readonly ageMs: number }[] }
  /** The leader cannot reach a server itself: this node, which can, is asked to act for it. */
  | { readonly type: 'steer'; readonly request: SteerRequest }
  | { readonly type: 'steered'; readonly result: SteerResult };
