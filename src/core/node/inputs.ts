/** Everything that can happen to a node, and everything that it can want done, as two closed unions. */
import type { BrokerHeard } from '../coordinator/broker-sets/broker-heard.ts';
import type { BrokerAnswer } from '../coordinator/broker-sets/rocketmq-port.ts';
import type { CoordinatorEffect } from '../coordinator/effects.ts';
import type { ClientReply, ClientRequest, HeartbeatOrders } from '../coordinator/requests.ts';
import type { SteerResult } from '../failover/steering.ts';
import type { Observation } from '../liveness/observation.ts';
import type { NodeName } from '../primitives/identifiers.ts';
import type { Result } from '../primitives/refusal.ts';
import type { PersistBatch } from '../raft/types.ts';
import type { PeerMessage } from './peer-message.ts';

export type NodeInput =
  | { readonly kind: 'tick' }
  | { readonly kind: 'peer'; readonly from: NodeName; readonly message: PeerMessage }
  | { readonly kind: 'persisted'; readonly persistId: number }
  | { readonly kind: 'request'; readonly requestId: number; readonly request: ClientRequest }
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'freshlyProbed'; readonly probeId: number; readonly observation: Observation }
  | { readonly kind: 'steered'; readonly result: SteerResult }
  /** Orders for a broker whose heartbeat was held; `orders` is a refusal when the broker is unknown. */
  | {
      readonly kind: 'heartbeatAnswered';
      readonly heartbeatId: number;
      readonly orders: Result<HeartbeatOrders>;
    }
  /** A sign of a RocketMQ broker at a door of this node. */
  | { readonly kind: 'broker'; readonly heard: BrokerHeard }
  | { readonly kind: 'brokerAnswered'; readonly askId: number; readonly answer: BrokerAnswer }
  /** This process stood still, or its clocks disagree, for so long: it must not accuse anybody. */
  | { readonly kind: 'stalled'; readonly stalledMs: number }
  /** Hand leadership over before a planned stop. */
  | { readonly kind: 'handOver' }
  /** Everything that had happened when `settle` was asked for has been handed in. */
  | { readonly kind: 'settle' };

/** The coordinator's effects that reach the ports unchanged. */
type PassedOn = Extract<
  CoordinatorEffect,
  { kind: 'steer' | 'probe' | 'askBroker' | 'watch' | 'publish' | 'log' }
>;

export type NodeEffect =
  | PassedOn
  | { readonly kind: 'persist'; readonly persistId: number; readonly batch: PersistBatch }
  | { readonly kind: 'send'; readonly to: NodeName; readonly message: PeerMessage }
  /** Asks for a `settle` input behind everything that has happened by now: what a leader gathers goes out together. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'reply'; readonly requestId: number; readonly reply: ClientReply }
  /** `heartbeatId` null: only noted as evidence here, the leader answers it. */
  | {
      readonly kind: 'heartbeat';
      readonly heartbeatId: number | null;
      readonly heartbeat: Extract<ClientRequest, { type: 'heartbeat' }>['heartbeat'];
    };
