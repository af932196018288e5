/** The doors of one node: what they are made of, and where they listen. */
import type { ClockPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { idcOfAddress } from '../core/routing/idc-of-address.ts';
import type { HttpDoorPorts } from '../doors/http/door-ports.ts';
import { createHttpDoor, type HttpDoor } from '../doors/http/http-door.ts';
import { STRANGER_MEANINGS } from '../doors/rocketmq/first-byte.ts';
import { createRocketmqDoor, type RocketmqDoor } from '../doors/rocketmq/rocketmq-door.ts';
import { createSentinelDoor, type SentinelDoor } from '../doors/sentinel/sentinel-door.ts';
import { createSentinelClient } from '../drivers/redis/sentinel-client.ts';
import { collectLessOften } from '../platform/collector.ts';
import { createLogThrottle } from '../platform/log-throttle.ts';
import type { Logger } from '../platform/logger.ts';
import { systemTimers } from '../platform/system-timers.ts';
import type { TailArchive } from '../platform/tail-archive.ts';
import type { TcpTransport } from '../platform/tcp-transport.ts';
import { addressTableOf } from './address-ranges.ts';
import { hostAndPort } from './addresses.ts';
import type { Configuration } from './config.ts';
import type { NodeMetrics } from './node-metrics.ts';
import { sentinelClientSettingsOf } from './redis-settings.ts';
import { type RocketmqSettings, rocketmqSettingsOf } from './rocketmq-settings.ts';
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
  const rocketmqSettings = rocketmqSettingsOf(configuration);
  const rocketmq =
    rocketmqSettings === null ? null : rocketmqDoorOf(rocketmqSettings, ports, undeclared.idcOfAddress);
  const { listen } = configuration;
  return {
    all: [http, sentinel, rocketmq].filter((door) => door !== null),
    listen: async () => {
      const httpUrl = await listening('listen.http', listen.http, () =>
        http.listen(hostAndPort(listen.http)),
      );
      if (settings !== null && sentinel !== null) {
        await listening('listen.sentinel', listen.sentinel ?? '', () => sentinel.listen(settings.listen));
      }
      if (rocketmqSettings !== null && rocketmq !== null) {
        const at = rocketmqSettings.listen;
        await listening('listen.rocketmq', listen.rocketmq ?? '', () => rocketmq.listen(at));
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

/** A line for each address that is turned away, but only one in so long: such peers come back every few seconds. */
const TURNED_AWAY_INTERVAL_MS = 60_000;

function rocketmqDoorOf(
  settings: RocketmqSettings,
  { runtime, clock, logger }: DoorsPorts,
  idcOfAddress: Undeclared['idcOfAddress'],
): RocketmqDoor {
  const mayLog = createLogThrottle(TURNED_AWAY_INTERVAL_MS);
  return createRocketmqDoor(
    { ...settings, version: VERSION },
    {
      face: runtime.face(),
      clock,
      timers: systemTimers,
      idcOfAddress,
      onBug: (error, command) =>
        logger.error({ err: error, command }, 'a request at the RocketMQ door met a bug'),
      onTurnedAway: (address, reason) => {
        const host = address.slice(0, address.lastIndexOf(':'));
        if (!mayLog(`${host} ${reason.why}`, clock.now().monotonicMs)) return;
        const meaning = reason.why === 'stranger' ? `: ${STRANGER_MEANINGS[reason.stranger]}` : '';
        logger.warn({ address, ...reason }, `the RocketMQ door ended a connection${meaning}`);
      },
      onPassedOver: collectLessOften,
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
