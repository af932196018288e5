/** Wires one node: disk, peers, drivers and doors around the pure loop. Nothing here decides anything. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RocketmqPort } from '../core/coordinator/broker-sets/rocketmq-port.ts';
import type { CoordinatorOptions } from '../core/coordinator/context.ts';
import type { BrokerKind } from '../core/metadata/state.ts';
import { NodeLoop } from '../core/node/node-loop.ts';
import type { NodeOptions } from '../core/node/node-options.ts';
import type { DriverPort, LogPort } from '../core/node/ports.ts';
import { nodeName, siteName } from '../core/primitives/identifiers.ts';
import { assertLimits } from '../core/primitives/limits.ts';
import { seededRandom } from '../core/primitives/seeded-random.ts';
import { createHttpDriver } from '../drivers/http/http-driver.ts';
import { createRedisDriver } from '../drivers/redis/redis-driver.ts';
import { RocketmqDriver } from '../drivers/rocketmq/rocketmq-driver.ts';
import { openDiskLog } from '../platform/disk-log.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { startStallWatch } from '../platform/stall-watch.ts';
import { systemClock } from '../platform/system-clock.ts';
import { systemTimers } from '../platform/system-timers.ts';
import { openTailArchive } from '../platform/tail-archive.ts';
import { type TcpTransport, tcpTransport } from '../platform/tcp-transport.ts';
import { hostAndPort } from './addresses.ts';
import { measuredDrivers } from './broker-measures.ts';
import { type Configuration, ConfigurationError } from './config.ts';
import { listening, openDoors } from './doors.ts';
import { awaitAdmission, type FirstStartPorts } from './first-start.ts';
import { type NodeMetrics, nodeMetrics } from './node-metrics.ts';
import { type TokenCandidate, tokenCandidate } from './operator-token.ts';
import { redisSettingsOf } from './redis-settings.ts';
import { askBrokersInTurn, measuredRocketmq } from './rocketmq-answers.ts';
import { Runtime, type RuntimePorts } from './runtime.ts';
import { type SecretReader, secretOf } from './secret-source.ts';
import { tieToTier } from './tier-ties.ts';
import { hasNeverTakenPart } from './waiting-room.ts';

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
  /** The process has to end; the reason was logged, and is said here for people. */
  readonly onFatal: (message: string) => void;
  /** An operator has said that this node's former data directory is gone for good; see first-start.ts. */
  readonly isReplacement?: boolean;
};

/**
 * Resolves once the node listens. Rejects with ConfigurationError for what the configuration got wrong, else with an
 * error whose message says what to do; everything that was opened by then is closed again, so that the process ends.
 */
export async function startNode(configuration: Configuration, ports: ProcessPorts): Promise<RunningNode> {
  const opened: Closable[] = [];
  try {
    return await openNode(configuration, ports, opened);
  } catch (error) {
    for (const one of opened.reverse()) await one.close().catch(() => undefined);
    throw error;
  }
}

type Closable = { close(): Promise<unknown> };

/** Whatever has to be closed again is pushed to `opened` as soon as it is there. */
async function openNode(
  configuration: Configuration,
  ports: ProcessPorts,
  opened: Closable[],
): Promise<RunningNode> {
  assertLimits();
  const self = nodeName(configuration.node);
  const logger = loggerOf(configuration);
  const secret: SecretReader = (source, what) =>
    secretOf(configuration, source, what, (text) => logger.warn({}, text));
  const clock = systemClock();
  const candidate = tokenCandidate(
    configuration.operatorToken === undefined ? null : secret(configuration.operatorToken, 'operatorToken'),
    clock.now().wallMs,
  );
  const peerSecret = secret(configuration.peerSecret, 'peerSecret');
  const timers = systemTimers;
  const dataDirectory = dataDirectoryOf(configuration);
  const tails = openTailArchive({ dataDirectory, node: self }, () => clock.now().wallMs);
  const heartbeats = createHttpDriver({ clock, timers });
  const drivers = new Map<BrokerKind, DriverPort>([['http', heartbeats]]);
  const redis = redisSettingsOf(configuration, secret);
  if (redis !== null) drivers.set('redis', createRedisDriver(redis, { clock, timers, logger, tails }));
  const rocketmq = new RocketmqDriver({ clock });
  opened.push(...drivers.values(), rocketmq);
  const asking = measuredRocketmq(rocketmq, (address, answer) => metrics.brokerAnswered(address, answer));
  const log = await openDiskLog({ directory: dataDirectory, node: self });
  opened.push(log);
  const restored = await log.load();
  const loop = new NodeLoop(
    loopOptions(configuration, candidate),
    restored,
    seededRandom(randomInt(2 ** 32)),
    clock.now(),
  );
  // Before the log is applied, the directory knows better than the state.
  const tierId = (): string | null => loop.state().tierId ?? log.identity().tierId;
  const transport = transportOf(configuration, peerSecret, tierId, logger);
  opened.push(transport);
  const fatal = (message: string, error?: unknown): void => {
    logger.error({ err: error }, `this node has to end: ${message}`);
    ports.onFatal(message);
  };
  const runtime = new Runtime(loop, {
    clock,
    log: measured(log, (entries, tookMs) => metrics.persisted(entries, tookMs)),
    transport,
    drivers: measuredDrivers(drivers, (observation) => metrics.observed(observation)),
    heartbeats,
    rocketmq: asking,
    writeLog: logged(logger, (event, fields) => metrics.logged(event, fields)),
    onFatal: (error) => fatal(messageOf(error), error),
  });
  const metrics = nodeMetrics({ face: runtime.face(), peers: () => transport.peers(), clock });
  runtime.face().subscribe((event) => metrics.published(event));
  const doors = openDoors(configuration, { runtime, clock, logger, metrics, transport, secret, tails });
  opened.push({ close: async () => runtime.stop() }, ...doors.all);
  const identity = { node: self, directoryId: log.identity().directoryId, dataDirectory, logger };
  const isNew = hasNeverTakenPart(restored);
  if (!isNew) runtime.start();
  await listening('listen.peer', configuration.listen.peer, () => transport.start());
  const httpUrl = await doors.listen();
  ports.print(`${self} at ${siteOf(configuration)} listens on ${httpUrl}`);
  const waiting = isNew
    ? takePartOnceAdmitted(runtime, { ...identity, isReplacement: ports.isReplacement, transport }, fatal)
    : null;
  const measuring = measureAlong(runtime, metrics, asking);
  const bindTier = (tierId: string): Promise<void> => log.bindTier(tierId);
  const { print } = ports;
  const untie = tieToTier({ ...identity, face: runtime.face(), bindTier, candidate, print, onFatal: fatal });
  return {
    httpUrl,
    stop: async (gracefully) => {
      waiting?.cancel();
      untie();
      if (gracefully) await handOver(runtime);
      measuring.stop();
      await closeAll(runtime, [...doors.all, ...drivers.values(), rocketmq, transport, log]);
    },
  };
}

/** How long this process stands still, and how fast brokers of RocketMQ answer it. */
function measureAlong(runtime: Runtime, metrics: NodeMetrics, rocketmq: RocketmqPort): { stop(): void } {
  const stallWatch = startStallWatch({
    onStall: (stalledMs) => {
      metrics.stalled(stalledMs);
      runtime.input({ kind: 'stalled', stalledMs });
    },
  });
  const asking = askBrokersInTurn(rocketmq, runtime.face(), systemTimers);
  return {
    stop: () => {
      stallWatch.stop();
      asking.stop();
    },
  };
}

function transportOf(
  configuration: Configuration,
  secret: string,
  tierId: () => string | null,
  logger: Logger,
): TcpTransport {
  return tcpTransport({
    node: nodeName(configuration.node),
    listen: hostAndPort(configuration.listen.peer),
    peers: new Map(configuration.nodes.map(({ name, peer }) => [nodeName(name), hostAndPort(peer)])),
    secret,
    tierId,
    logger,
  });
}

/** A node that has never taken part keeps still until it is known that its disk was not lost. */
function takePartOnceAdmitted(
  runtime: Runtime,
  ports: Omit<FirstStartPorts, 'nowMs'>,
  fatal: (message: string, error?: unknown) => void,
): { cancel(): void } {
  const waiting = awaitAdmission({ ...ports, nowMs: () => performance.now() });
  waiting.admission.then(
    (admission) => {
      if (admission.kind === 'admitted') runtime.start();
      else if (admission.kind === 'refused') fatal(admission.message);
    },
    (error: unknown) => fatal(messageOf(error), error),
  );
  return waiting;
}

/** Everything that the loop logs; metrics count some of it. */
const logged =
  (logger: Logger, count: NodeMetrics['logged']): RuntimePorts['writeLog'] =>
  (level, event, fields) => {
    count(event, fields);
    logger[level]({ event, ...fields }, event);
  };

/** The same log; each batch that has reached the disk is counted and timed. */
function measured(log: LogPort, onPersisted: (entries: number, tookMs: number) => void): LogPort {
  return {
    load: () => log.load(),
    close: () => log.close(),
    persist: async (batch) => {
      const startedMs = performance.now();
      await log.persist(batch);
      onPersisted(batch.entries.length, performance.now() - startedMs);
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function dataDirectoryOf(configuration: Configuration): string {
  const path = resolve(configuration.directory, configuration.dataDirectory);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`dataDirectory: ${path} cannot be made: ${messageOf(error)}`);
  }
  return path;
}

function loggerOf(configuration: Configuration): Logger {
  const { level, file } = configuration.log;
  const to =
    file === undefined
      ? { kind: 'stderr' as const }
      : { kind: 'file' as const, path: resolve(configuration.directory, file) };
  try {
    return createLogger({ level, node: configuration.node, to });
  } catch (error) {
    throw new ConfigurationError(`log.file: ${file} cannot be written: ${messageOf(error)}`);
  }
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

async function closeAll(runtime: Runtime, closable: readonly { close(): Promise<void> }[]): Promise<void> {
  runtime.stop();
  for (const one of closable) await one.close();
}
