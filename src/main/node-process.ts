/** Wires one node: disk, peers, drivers and doors around the pure loop. Nothing here decides anything. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CoordinatorOptions } from '../core/coordinator/context.ts';
import type { BrokerKind } from '../core/metadata/state.ts';
import { NodeLoop } from '../core/node/node-loop.ts';
import type { NodeOptions } from '../core/node/node-options.ts';
import type { ClockPort, DriverPort } from '../core/node/ports.ts';
import { nodeName, siteName } from '../core/primitives/identifiers.ts';
import { assertLimits } from '../core/primitives/limits.ts';
import { seededRandom } from '../core/primitives/seeded-random.ts';
import { buildAddressTable, idcOfAddress } from '../core/routing/idc-of-address.ts';
import { createHttpDoor, type HttpDoor } from '../doors/http/http-door.ts';
import { createHttpDriver } from '../drivers/http/http-driver.ts';
import { openDiskLog } from '../platform/disk-log.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { startStallWatch } from '../platform/stall-watch.ts';
import { systemClock } from '../platform/system-clock.ts';
import { tcpTransport } from '../platform/tcp-transport.ts';
import { type Configuration, ConfigurationError, type SecretSource } from './config.ts';
import { nodeMetrics } from './node-metrics.ts';
import { announceWhenValid, type TokenCandidate, tokenCandidate } from './operator-token.ts';
import { redisDriverOf } from './redis-settings.ts';
import { Runtime } from './runtime.ts';
import { secretOf } from './secret-source.ts';

/** How long a client's request waits before it is told that its outcome is unknown. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How often a leader that stops looks whether somebody else has taken over. */
const HAND_OVER_POLL_MS = 20;
const HAND_OVER_TIMEOUT_MS = 1_500;

export type RunningNode = {
  readonly httpUrl: string;
  /** `gracefully`: leadership is handed over first. */
  stop(gracefully: boolean): Promise<void>;
};

export type ProcessPorts = {
  readonly print: (line: string) => void;
  /** The process has to end; the reason was logged. */
  readonly onFatal: () => void;
};

export async function startNode(configuration: Configuration, ports: ProcessPorts): Promise<RunningNode> {
  assertLimits();
  const self = nodeName(configuration.node);
  const dataDirectory = resolve(configuration.directory, configuration.dataDirectory);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const logger = loggerOf(configuration);
  const secret: SecretReader = (source, what) =>
    secretOf(configuration, source, what, (text) => logger.warn({}, text));
  const clock = systemClock();
  const candidate = tokenCandidate(
    configuration.operatorToken === undefined ? null : secret(configuration.operatorToken, 'operatorToken'),
    clock.now().wallMs,
  );
  const log = await openDiskLog({ directory: dataDirectory, node: self });
  const restored = await log.load();
  const loop = new NodeLoop(
    loopOptions(configuration, candidate),
    restored,
    seededRandom(randomInt(2 ** 32)),
    clock.now(),
  );
  const transport = tcpTransport({
    node: self,
    listen: parseAddress(configuration.listen.peer),
    peers: new Map(configuration.nodes.map(({ name, peer }) => [nodeName(name), parseAddress(peer)])),
    secret: secret(configuration.peerSecret, 'peerSecret'),
    tierId: () => loop.state().tierId,
    logger,
  });
  const heartbeats = createHttpDriver({ clock });
  const drivers = new Map<BrokerKind, DriverPort>([['http', heartbeats]]);
  if (configuration.redis !== undefined) {
    drivers.set('redis', redisDriverOf(configuration, configuration.redis, secret, { clock, logger }));
  }
  const runtime = new Runtime(loop, {
    clock,
    log,
    transport,
    drivers,
    heartbeats,
    writeLog: (level, event, fields) => logger[level]({ event, ...fields }, event),
    onFatal: (error) => {
      logger.error({ err: error }, 'this node has to end');
      ports.onFatal();
    },
  });
  const door = doorOf(configuration, runtime, clock, logger);

  runtime.start();
  await transport.start();
  const httpUrl = await door.listen(parseAddress(configuration.listen.http));
  ports.print(`${self} at ${siteOf(configuration)} listens on ${httpUrl}`);
  const stallWatch = startStallWatch({
    onStall: (stalledMs) => runtime.input({ kind: 'stalled', stalledMs }),
  });
  const unsubscribe = announceOnce(runtime, log, candidate, dataDirectory, ports, logger);
  return {
    httpUrl,
    stop: async (gracefully) => {
      unsubscribe();
      if (gracefully) await handOver(runtime);
      stallWatch.stop();
      await closeAll(door, runtime, [...drivers.values(), transport, log]);
    },
  };
}

type SecretReader = (source: SecretSource, what: string) => string;

function loggerOf(configuration: Configuration): Logger {
  const { level, file } = configuration.log;
  const to =
    file === undefined
      ? { kind: 'stderr' as const }
      : { kind: 'file' as const, path: resolve(configuration.directory, file) };
  return createLogger({ level, node: configuration.node, to });
}

function loopOptions(configuration: Configuration, candidate: TokenCandidate): NodeOptions {
  const { electionTimeoutMs, heartbeatIntervalMs, clockDriftRatio, entriesBeforeSnapshot } =
    configuration.consensus;
  return {
    raft: {
      self: nodeName(configuration.node),
      voters: configuration.nodes.map(({ name }) => nodeName(name)),
      electionTimeoutMs,
      heartbeatIntervalMs,
      clockDriftRatio,
    },
    coordinator: coordinatorOptions(configuration, candidate),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    entriesBeforeSnapshot,
  };
}

function doorOf(configuration: Configuration, runtime: Runtime, clock: ClockPort, logger: Logger): HttpDoor {
  const ranges = configuration.addressRanges.map(({ range, idc }) => ({ range, site: siteName(idc) }));
  const addresses = buildAddressTable(ranges);
  if (!addresses.ok) throw new ConfigurationError(`addressRanges: ${addresses.refusal.message}`);
  const face = runtime.face();
  const metrics = nodeMetrics(face);
  return createHttpDoor(
    { version: VERSION },
    {
      face,
      clock,
      idcOfAddress: (address) => idcOfAddress(addresses.value, address),
      metrics: () => metrics.text(),
      onBug: (error, request) => logger.error({ err: error, ...request }, 'a request met a bug'),
    },
  );
}

const VERSION = '0.1.0';

function siteOf(configuration: Configuration): string {
  const own = configuration.nodes.find(({ name }) => name === configuration.node);
  if (own === undefined) throw new ConfigurationError('node: is none of the nodes');
  return own.site;
}

function coordinatorOptions(configuration: Configuration, candidate: TokenCandidate): CoordinatorOptions {
  return {
    self: nodeName(configuration.node),
    site: siteName(siteOf(configuration)),
    voters: configuration.nodes.map(({ name, site }) => ({ node: nodeName(name), site: siteName(site) })),
    bootstrap: {
      tierId: randomUUID(),
      sites: configuration.sites.map(({ name, kind }) => ({ name: siteName(name), kind })),
      members: configuration.nodes.map(({ name, site, http }) => ({
        name: nodeName(name),
        site: siteName(site),
        httpUrl: http,
      })),
      token: candidate.record,
    },
    idPrefix: randomBytes(4).toString('hex'),
    probeIntervalMs: configuration.redis?.probeIntervalMs ?? 100,
  };
}

/** `host:port`, as the configuration has checked. */
function parseAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** Once the tier has an id: ties the directory to it, and prints the token if it is this node's. */
function announceOnce(
  runtime: Runtime,
  log: Awaited<ReturnType<typeof openDiskLog>>,
  candidate: TokenCandidate,
  dataDirectory: string,
  ports: ProcessPorts,
  logger: Logger,
): () => void {
  const face = runtime.face();
  const timer = setInterval(() => {
    const { tierId } = face.state();
    if (tierId === null) return;
    clearInterval(timer);
    log.bindTier(tierId).catch((error: unknown) => {
      logger.error({ err: error }, 'the data directory belongs to another tier');
      ports.onFatal();
    });
    announceWhenValid(face.state(), candidate, dataDirectory, ports.print);
  }, 50);
  return () => clearInterval(timer);
}

/** Writes go on under another leader before this one leaves; without one in time it leaves all the same. */
async function handOver(runtime: Runtime): Promise<void> {
  const face = runtime.face();
  if (face.status().role !== 'leader') return;
  runtime.input({ kind: 'handOver' });
  const deadline = performance.now() + HAND_OVER_TIMEOUT_MS;
  while (face.status().role === 'leader' && performance.now() < deadline) {
    await new Promise((done) => setTimeout(done, HAND_OVER_POLL_MS));
  }
}

async function closeAll(
  door: HttpDoor,
  runtime: Runtime,
  closable: readonly { close(): Promise<void> }[],
): Promise<void> {
  runtime.stop();
  await door.close();
  for (const one of closable) await one.close();
}
