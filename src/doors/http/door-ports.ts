/** What the HTTP door needs of the process around it. */
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort, TimerPort } from '../../core/node/ports.ts';
import type { SiteName } from '../../core/primitives/identifiers.ts';
import type { SentinelPort } from '../../core/sentinels/sentinel-port.ts';

export type HttpDoorPorts = {
  readonly face: NodeFace;
  readonly clock: ClockPort;
  readonly timers: TimerPort;
  /** Real Sentinels, whose masters may be taken over. */
  readonly sentinels: SentinelPort;
  /** IDC of a client's IP address by the node's table of ranges; null where none fits. */
  readonly idcOfAddress: (address: string) => SiteName | null;
  /** Body of `/metrics`, with its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Content of a kept tail of this node; null where it has no such file. */
  readonly tails: (file: string) => Promise<Uint8Array | null>;
  /** Called for a bug met while a request was served; the client gets internalError without the detail. */
  readonly onBug: (error: Error, request: { readonly method: string; readonly url: string }) => void;
};
