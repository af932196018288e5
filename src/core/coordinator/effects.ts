/**
 * What the coordinator wants done. It returns these and does nothing itself; the node's loop adds consensus and
 * hands them to the ports. Order within one step is kept.
 */
import type { SteerRequest, SteerTarget } from '../failover/steering.ts';
import type { Command } from '../metadata/command.ts';
import type { BrokerKind } from '../metadata/state.ts';
import type { GroupKey, NodeName, ReplicaId } from '../primitives/identifiers.ts';
import type { BrokerAsk } from './broker-sets/rocketmq-port.ts';
import type { CoordinatorMessage } from './messages.ts';
import type { ClientReply, Heartbeat } from './requests.ts';

export type WatchTarget = SteerTarget & {
  readonly kind: BrokerKind;
  readonly detectionMs: number;
  /** Where its slaves follow it, so that a driver can tell whom an address belongs to; `address` where it is left out. */
  readonly replicationAddress?: string;
  /** It is not prepared and stays so: only the operator's account is to be tried there. */
  readonly watchOnly: boolean;
};

/** Who waits for an answer: a client of this node, or a client of another node that forwarded its request. */
export type Asker =
  | { readonly kind: 'local'; readonly requestId: number }
  | { readonly kind: 'peer'; readonly node: NodeName; readonly forwardId: number };

/** Something that committed and that clients or operators may wait for. `index` is the log index. */
export type TierEvent =
  | {
      readonly type: 'routesChanged';
      readonly index: number;
      readonly group: GroupKey;
      readonly epoch: number;
    }
  | {
      readonly type: 'groupPhase';
      readonly index: number;
      readonly group: GroupKey;
      readonly phase: 'active' | 'fencing' | 'promoting';
      readonly epoch: number;
      readonly master: ReplicaId | null;
    }
  | {
      readonly type: 'leadership';
      readonly index: number;
      readonly leader: NodeName | null;
      readonly term: number;
    }
  | { readonly type: 'alert'; readonly index: number; readonly group: GroupKey; readonly message: string };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type CoordinatorEffect =
  /** `asker` is answered when the command is applied; null when nobody waits. */
  | { readonly kind: 'propose'; readonly command: Command; readonly asker: Asker | null }
  | { readonly kind: 'send'; readonly to: NodeName; readonly message: CoordinatorMessage }
  | { readonly kind: 'steer'; readonly broker: BrokerKind; readonly request: SteerRequest }
  | {
      readonly kind: 'probe';
      readonly broker: BrokerKind;
      readonly probeId: number;
      readonly target: SteerTarget;
      readonly timeoutMs: number;
    }
  /** Asks a RocketMQ broker; the answer comes back as an input with the same id. */
  | {
      readonly kind: 'askBroker';
      readonly askId: number;
      readonly address: string;
      readonly ask: BrokerAsk;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'watch'; readonly targets: readonly WatchTarget[] }
  | { readonly kind: 'reply'; readonly asker: Asker; readonly reply: ClientReply }
  /** A self-registering broker's heartbeat: noted here; answered with orders where this node leads (`asker` set). */
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat; readonly asker: Asker | null }
  | { readonly kind: 'publish'; readonly event: TierEvent }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };
