/** What coordinators of different nodes ask of each other; none of it is replicated. */
import type { SteerRequest, SteerResult } from '../failover/steering.ts';
import type { Observation, ReplicaRef } from '../liveness/observation.ts';
import type { Testimony } from '../liveness/testimony.ts';
import type { BrokerKind } from '../metadata/state.ts';
import type { Incarnation, Term } from '../primitives/identifiers.ts';
import type { BrokerSetMessage } from './broker-sets/messages.ts';
import type { AlertView } from './views.ts';

export type CoordinatorMessage =
  | BrokerSetMessage
  /** Leader asks: probe this master afresh and say what you make of it. */
  | {
      readonly type: 'confirm';
      readonly term: Term;
      readonly confirmId: number;
      readonly ref: ReplicaRef;
      readonly incarnation: Incarnation;
    }
  | {
      readonly type: 'confirmReply';
      readonly term: Term;
      readonly confirmId: number;
      readonly ref: ReplicaRef;
      readonly testimony: Testimony;
    }
  /** Newest observations of a follower, for the leader's page of vantages. */
  | {
      readonly type: 'evidence';
      readonly observations: readonly { readonly observation: Observation; readonly ageMs: number }[];
    }
  /** What the leader has on its board, the newest LIMITS.alertsShared: an operator may ask any node. */
  | { readonly type: 'alerts'; readonly term: Term; readonly alerts: readonly AlertView[] }
  /** The leader cannot reach a server itself: this node, which can, is asked to act for it. */
  | { readonly type: 'steer'; readonly broker: BrokerKind; readonly request: SteerRequest }
  | { readonly type: 'steered'; readonly result: SteerResult };
