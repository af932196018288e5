/**
 * A sign of a RocketMQ broker, as a door hands it in: it never waits for an answer, is this node's own evidence, and is
 * never replicated.
 */
import type { ClusterName, GroupName } from '../../primitives/identifiers.ts';

/** What a broker says of itself once a second (BROKER_HEARTBEAT to a controller). */
export type BrokerHeartbeat = {
  /** Controller id. */
  readonly brokerId: number;
  /** Last epoch in its epoch file. */
  readonly epoch: number;
  readonly maxOffset: bigint;
  readonly confirmOffset: bigint;
  /** Silence after which the broker itself asks to be taken for dead. */
  readonly timeoutMs: number;
  /** A lower one is preferred. */
  readonly priority: number;
  readonly zone: string | null;
};

/** `channel`: the connection of this node that it came over; no number is given to two connections. */
export type BrokerHeard = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  /** `host:port` that clients use. */
  readonly address: string;
  readonly channel: number;
} & (
  | ({ readonly what: 'heartbeat' } & BrokerHeartbeat)
  /** Any other sign of life: a registration, changed or not, and the name server's own heartbeats. */
  | { readonly what: 'registered'; readonly brokerId: number }
  /** The connection over which it was heard has ended. */
  | { readonly what: 'closed' }
);
