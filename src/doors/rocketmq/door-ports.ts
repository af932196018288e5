/** What the RocketMQ door needs of the process around it. */
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort, TimerPort } from '../../core/node/ports.ts';
import type { NodeName, SiteName } from '../../core/primitives/identifiers.ts';
import type { Stranger } from './first-byte.ts';

/** A node's RocketMQ door, as `host:port`. */
export type RocketmqPeer = { readonly node: NodeName; readonly address: string };

export type RocketmqDoorOptions = {
  readonly self: NodeName;
  /** Where brokers reach this node's door; null: at the address at which they came in. */
  readonly advertised: string | null;
  /** The doors of the tier whose addresses are known, this node's included; shown to operators only. */
  readonly peers: readonly RocketmqPeer[];
  /** Shown as a property of the name server. */
  readonly version: string;
};

/** Why a connection was turned away or cut off, for the log. */
export type TurnedAway =
  | { readonly why: 'stranger'; readonly stranger: Stranger }
  | { readonly why: 'malformed'; readonly problem: string }
  | { readonly why: 'slowReader'; readonly waitingBytes: number }
  | { readonly why: 'tooManyConnections' }
  /** Requests of all connections that arrive or wait for their answer are as many bytes as may be. */
  | { readonly why: 'outOfMemory' };

export type RocketmqDoorPorts = {
  readonly face: NodeFace;
  readonly clock: ClockPort;
  readonly timers: TimerPort;
  /** IDC of an IP address by the node's table of ranges; null where none fits. */
  readonly idcOfAddress: (address: string) => SiteName | null;
  /** Called for a bug met while a command was served; the other side gets an error without the detail. */
  readonly onBug: (error: Error, command: string) => void;
  readonly onTurnedAway: (address: string, reason: TurnedAway) => void;
  /** Called for each long request whose body is passed over while it arrives. */
  readonly onPassedOver: () => void;
};
