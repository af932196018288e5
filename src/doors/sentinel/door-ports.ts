/** What the Sentinel door needs of the process around it. */
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort } from '../../core/node/ports.ts';
import type { ClusterName, NodeName, SiteName } from '../../core/primitives/identifiers.ts';
import type { SentinelPort } from '../../core/sentinels/sentinel-port.ts';

/** A node's Sentinel door, as clients are told of it. */
export type SentinelPeer = {
  readonly node: NodeName;
  readonly site: SiteName;
  readonly host: string;
  readonly port: number;
};

export type SentinelDoorPorts = {
  readonly face: NodeFace;
  readonly clock: ClockPort;
  /** Masters that nobody has declared yet. */
  readonly sentinels: Pick<SentinelPort, 'slavesOf'>;
  /** IDC of an IP address by the node's table of ranges; null where none fits. */
  readonly idcOfAddress: (address: string) => SiteName | null;
  /** Called for a bug met while a command was served; the client gets an error without the detail. */
  readonly onBug: (error: Error, command: string) => void;
  /** This node could not confirm for so long that it is current, and has sent its subscribers to other nodes. */
  readonly onSubscribersEnded: (subscribers: number, staleMs: number) => void;
};

export type SentinelDoorOptions = {
  readonly self: NodeName;
  /** The doors of the tier that clients may go to, this node's included; nodes without one are left out. */
  readonly peers: readonly SentinelPeer[];
  /** Nodes of the tier, with such a door or without: a verdict takes a majority of them. */
  readonly nodes: number;
  /** Whether this node has a connection to that one. */
  readonly isConnected: (node: NodeName) => boolean;
  /** Groups of this cluster go by their own name, those of others as `cluster/name`. */
  readonly defaultCluster: ClusterName;
  readonly users: readonly SentinelUserSettings[];
  /** For so long subscribers stay with a node that cannot confirm that it is current. */
  readonly subscriberPatienceMs: number;
  /** Shown by INFO. */
  readonly version: string;
};

export type SentinelUserSettings = {
  /** `default` is who does not name a user. */
  readonly name: string;
  /** Null: nobody has to log in to be this user, which only `default` may be. */
  readonly password: string | null;
  /** Glob patterns of master names; whatever fits none of them does not exist for this user. */
  readonly groups: readonly string[];
  /** Only slaves of this IDC are listed; null: all of them. */
  readonly idc: SiteName | null;
};
