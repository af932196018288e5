/** The doors of one node: what they are made of, and where they listen. */
import type { ClockPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { idcOfAddress } from '../core/routing/idc-of-address.ts';
import type { HttpDoorPorts } from '../doors/http/door-ports.ts';
import { createHttpDoor, type HttpDoor } from '../doors/http/http-door.ts';
import { createSentinelDoor, type SentinelDoor } from '../doors/sentinel/sentinel-door.ts';
import { createSentinelClient } from '../drivers/redis/sentinel-client.ts';
import type { Logger } from '../platform/logger.ts';
import { systemTimers } from '../platform/system-timers.ts';
import type { TailArchive } from '../platform/tail-archive.ts';
import type { TcpTransport } from '../platform/tcp-transport.ts';
import { addressTableOf } from './address-ranges.ts';
import { hostAndPort } from './addresses.ts';
import type { Configuration } from './config.ts';
import type { NodeMetrics } from './node-metrics.ts';
import { sentinelClientSettingsOf } from './redis-settings.ts';
import type { Runtime } from './runtime.ts';
import type { SecretReader } from './secret-source.ts';
import { type SentinelSettings, sentinelSettingsOf } from './sentinel-settings.ts';

const VERSION = '0.1.0';

export type Doors = {
  /** Starts all of them, and answers the URL of the HTTP door. */
  listen(): Promise<string>;
  readonly all: readonly { close(): Promise<void> }[];
};

export type DoorsPorts = {
  readonly runtime: Runtime;
  readonly clock: ClockPort;
  readonly logger: Logger;
  readonly metrics: NodeMetrics;
  readonly transport: TcpTransport;
  readonly secret: SecretReader;
  readonly tails: TailArchive;
};

/** Throws ConfigurationError for a secret that cannot be read. */
export function openDoors(configuration: Configuration, ports: DoorsPorts): Doors {
  const addresses = addressTableOf(configuration);
  const undeclared: Undeclared = {
    sentinels: createSentinelClient(sentinelClientSettingsOf(configuration, ports.secret), ports),
    idcOfAddress: (address) => idcOfAddress(addresses, address),
  };
  const http = httpDoorOf(ports, undeclared);
  const settings = sentinelSettingsOf(configuration, ports.secret);
  const sentinel = settings === null ? null : sentinelDoorOf(settings, ports, undeclared);
  const { listen } = configuration;
  return {
    all: sentinel === null ? [http] : [http, sentinel],
    listen: async () => {
      const httpUrl = await listening('listen.http', listen.http, () =>
        http.listen(hostAndPort(listen.http)),
      );
      if (settings !== null && sentinel !== null) {
        await listening('listen.sentinel', listen.sentinel ?? '', () => sentinel.listen(settings.listen));
      }
      return httpUrl;
    },
  };
}

/** What both doors need to take on servers that nobody has declared. */
type Undeclared = Pick<HttpDoorPorts, 'sentinels' | 'idcOfAddress'>;

function httpDoorOf(ports: DoorsPorts, undeclared: Undeclared): HttpDoor {
  const { runtime, clock, logger, metrics, tails } = ports;
  const face = runtime.face();
  return createHttpDoor(
    { version: VERSION },
    {
      face,
      clock,
      timers: systemTimers,
      ...undeclared,
      metrics: () => metrics.text(),
      tails: (file) => tails.read(file),
      onBug: (error, request) => logger.error({ err: error, ...request }, 'a request met a bug'),
    },
  );
}

function sentinelDoorOf(
  settings: SentinelSettings,
  { runtime, clock, logger, transport }: DoorsPorts,
  undeclared: Undeclared,
): SentinelDoor {
  const isConnected = (node: NodeName): boolean => transport.peers().get(node)?.connected ?? false;
  return createSentinelDoor(
    { ...settings, isConnected, version: VERSION },
    {
      face: runtime.face(),
      clock,
      ...undeclared,
      onBug: (error, command) =>
        logger.error({ err: error, command }, 'a command at the Sentinel door met a bug'),
      onSubscribersEnded: (subscribers, staleMs) =>
        logger.warn(
          { subscribers, staleMs: Math.round(staleMs) },
          'this node cannot confirm that it is current: subscribers of its Sentinel door were sent to other nodes',
        ),
    },
  );
}

/** Names the setting where the system does not let this process listen. */
export async function listening<Value>(
  setting: string,
  address: string,
  listen: () => Promise<Value>,
): Promise<Value> {
  try {
    return await listen();
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const why = inUse
      ? 'the port is in use by another process'
      : error instanceof Error
        ? error.message
        : String(error);
    throw new Error(`${setting}: this node cannot listen on ${address}: ${why}`);
  }
}
