/**
 * Evidence: what one node itself saw of one replica. Drivers produce observations, liveness keeps the newest
 * of each kind; nothing here is ever replicated.
 */
import type { GroupKey, Incarnation, Lineage, ReplicaId } from '../primitives/identifiers.ts';

/** A replica is addressed by its group and id; its address is looked up at the moment of use. */
export type ReplicaRef = { readonly group: GroupKey; readonly replica: ReplicaId };

/** What a server said of itself when it answered. */
export type ServerReport = {
  readonly incarnation: Incarnation;
  readonly role: 'master' | 'slave';
  /** Loading its data set: not alive for its old role. */
  readonly loading: boolean;
  readonly lineage: Lineage;
  /** The lineage before its last promotion and the offset up to which it shares it; null when it has none. */
  readonly secondLineage: Lineage | null;
  readonly secondOffset: bigint;
  /** Master: bytes written to its stream. Slave: bytes of its master's stream that it has processed. */
  readonly offset: bigint;
  /** Slave only: `host:port` it follows, whether that link is up, full resync under way, age of the last byte. */
  readonly follows: {
    readonly address: string;
    readonly linkUp: boolean;
    readonly syncing: boolean;
    readonly lastReceivedSecondsAgo: number;
  } | null;
  readonly connectedSlaves: number;
  /** Epoch the server itself claims, for kinds of broker that carry one (HTTP); null for Redis. */
  readonly epoch: number | null;
};

export type ProbeOutcome =
  /** Answered within the probe timeout; `report` is null where only liveness was asked. */
  | { readonly kind: 'answered'; readonly answerMs: number; readonly report: ServerReport }
  /** It answered with an error (wrong password, too many connections): alive, but no evidence of its state. */
  | { readonly kind: 'answeredError'; readonly answerMs: number; readonly error: string }
  /** The established probe connection was closed or reset by the other side. */
  | { readonly kind: 'disconnected'; readonly error: string }
  /** A new connection was refused. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Neither answered nor refused in time. */
  | { readonly kind: 'silent'; readonly waitedMs: number };

/** `fresh` when the probe opened a new connection instead of using the established one. */
export type Observation = {
  readonly ref: ReplicaRef;
  readonly fresh: boolean;
  readonly outcome: ProbeOutcome;
};
