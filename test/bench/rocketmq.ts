/**
 * RocketMQ's names at the door of our nodes against stock name servers, with the same load process in the same run: how
 * many routes are looked up per second of a server's own processor time, and what it costs the tier, in processor time
 * and memory, that brokers with many topics register again and again.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { propertiesOf } from '../interop/rocketmq/broker.ts';
import { findJars, type Jars, VERSIONS } from '../interop/rocketmq/jars.ts';
import { JavaProcess, LOOPBACK_HOST } from '../interop/rocketmq/java-process.ts';
import { freePort } from '../support/ports.ts';
import { startTier, type Tier } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { residentBytes } from './processes/resident-memory.ts';
import { median, rounded } from './samples.ts';

const GOAL_LOOKUPS = 1.0;
const GOAL_PROCESSOR = 0.5;
const GOAL_MEMORY = 0.5;
const SERVERS = 3;
const SIZES = {
  full: {
    lookups: {
      brokers: 4,
      topics: 100,
      turns: 7,
      connections: 16,
      depth: 8,
      warmupMs: 1_000,
      durationMs: 3_000,
    },
    registrations: { brokers: 50, topics: 5_000, everyMs: 10_000, rounds: 3 },
  },
  tiny: {
    lookups: { brokers: 2, topics: 4, turns: 1, connections: 2, depth: 2, warmupMs: 50, durationMs: 200 },
    registrations: { brokers: 2, topics: 20, everyMs: 500, rounds: 1 },
  },
} as const satisfies Record<Size, unknown>;
/** A JVM compiles what is hot only after it has run for a while. */
const WARM_TURNS = 3;
const ASK_TIMEOUT_MS = 180_000;
const MEBIBYTE = 1_048_576;

const roundSchema = z.object({
  answered: z.int(),
  failed: z.int(),
  elapsedMs: z.number(),
  p99Ms: z.number(),
});
const lookedUp = z.object({
  answered: z.int(),
  failed: z.int(),
  elapsedMs: z.number(),
  answerBytes: z.number(),
});
const closed = z.object({ closed: z.literal(true) });

type Server = { readonly port: number; pid(): number };
type SystemName = 'pollux' | 'stock';
type System = { readonly servers: readonly Server[]; close(): Promise<void> };
type Systems = Readonly<Record<SystemName, System>>;

async function startPollux(): Promise<System> {
  const tier: Tier = await startTier();
  return {
    servers: tier.nodes.map((node) => ({ port: node.rocketmqPort, pid: () => node.pid() })),
    close: () => tier.close(),
  };
}

async function startStock(jars: Jars): Promise<System> {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-name-servers-'));
  const started: JavaProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((process) => process.kill()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const servers: Server[] = [];
    for (let nth = 0; nth < SERVERS; nth += 1) {
      const port = await freePort();
      const process = new JavaProcess(LOOPBACK_HOST, {
        jars,
        version: VERSIONS.newest,
        main: 'org.apache.rocketmq.namesrv.NamesrvStartup',
        parameters: ['-c', writeIn(directory, `${nth}.properties`, propertiesOf({ listenPort: port }))],
        home: join(directory, `${nth}`),
        says: 'boot success',
        isLongLived: true,
      });
      started.push(process);
      await process.start();
      servers.push({ port, pid: () => process.pid() });
    }
    return { servers, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function writeIn(directory: string, name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

const addressesOf = ({ servers }: System): readonly string[] =>
  servers.map(({ port }) => `127.0.0.1:${port}`);

type Lookup = {
  readonly perProcessorSecond: number;
  readonly perSecond: number;
  readonly answerBytes: number;
};

async function lookUp(client: Forked, { servers }: System, size: Size): Promise<Lookup> {
  const { brokers: _brokers, turns: _turns, ...plan } = SIZES[size].lookups;
  const [server] = servers;
  if (server === undefined) throw new Error('there is a server');
  const startedMs = performance.now();
  const busyBeforeMs = processorTimeMs(server.pid());
  const question = { kind: 'lookUp', host: '127.0.0.1', port: server.port, ...plan };
  const { answered, failed, elapsedMs, answerBytes } = await client.ask(question, lookedUp, ASK_TIMEOUT_MS);
  const busyShare = (processorTimeMs(server.pid()) - busyBeforeMs) / (performance.now() - startedMs);
  if (failed > 0) throw new Error(`${failed} of ${answered + failed} lookups failed`);
  const perSecond = (answered * 1_000) / elapsedMs;
  return { perProcessorSecond: perSecond / busyShare, perSecond, answerBytes };
}

async function measureLookups(
  systems: Systems,
  size: Size,
  progress: Progress,
): Promise<Record<SystemName, Lookup[]>> {
  const { brokers, topics, turns } = SIZES[size].lookups;
  const results: Record<SystemName, Lookup[]> = { pollux: [], stock: [] };
  const clients = new Map<SystemName, Forked>();
  try {
    for (const name of ['pollux', 'stock'] as const) {
      const client = forkBeside('rocketmq-load');
      clients.set(name, client);
      const servers = addressesOf(systems[name]);
      const opened = { kind: 'open', servers, cluster: 'lookups', brokers, topics, everyMs: 0 };
      await client.ask(opened, roundSchema, ASK_TIMEOUT_MS);
    }
    for (let turn = 1 - WARM_TURNS; turn <= turns; turn += 1)
      for (const [name, client] of clients) {
        const one = await lookUp(client, systems[name], size);
        if (turn < 1) continue;
        results[name].push(one);
        progress(
          `lookups, turn ${turn}, ${name}: ${Math.round(one.perProcessorSecond)} per processor second, ` +
            `${Math.round(one.answerBytes)} bytes each`,
        );
      }
  } finally {
    for (const client of clients.values()) await client.end();
  }
  return results;
}

type Registered = {
  readonly processorMs: number;
  readonly residentMiB: number;
  readonly p99Ms: number;
  readonly failed: number;
};

async function measureRegistrations(
  { servers, close: _close }: System,
  size: Size,
  said: (round: number, result: Registered) => void,
): Promise<readonly Registered[]> {
  const { brokers, topics, everyMs, rounds } = SIZES[size].registrations;
  const client = forkBeside('rocketmq-load');
  const busyMs = (): number => servers.reduce((total, server) => total + processorTimeMs(server.pid()), 0);
  const resident = (): number => servers.reduce((total, server) => total + residentBytes(server.pid()), 0);
  const results: Registered[] = [];
  try {
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
    const plan = { servers: addresses, cluster: 'registrations', brokers, topics, everyMs };
    await client.ask({ kind: 'open', ...plan }, roundSchema, ASK_TIMEOUT_MS);
    for (let round = 1; round <= rounds; round += 1) {
      const before = busyMs();
      const question = { kind: 'register', everyMs, change: false };
      const { failed, p99Ms } = await client.ask(question, roundSchema, ASK_TIMEOUT_MS);
      const result = {
        processorMs: busyMs() - before,
        residentMiB: resident() / MEBIBYTE,
        p99Ms: rounded(p99Ms),
        failed,
      };
      results.push(result);
      said(round, result);
    }
    await client.ask({ kind: 'close' }, closed);
  } finally {
    await client.end();
  }
  return results;
}

function outcomeOf(
  lookups: Readonly<Record<SystemName, readonly Lookup[]>>,
  registrations: Readonly<Record<SystemName, readonly Registered[]>>,
): Outcome {
  const perSecond = (name: SystemName): number =>
    median(lookups[name].map(({ perProcessorSecond }) => perProcessorSecond));
  const processor = (name: SystemName): number =>
    median(registrations[name].map(({ processorMs }) => processorMs));
  const memory = (name: SystemName): number =>
    Math.max(...registrations[name].map(({ residentMiB }) => residentMiB));
  const [figure, peer] = [perSecond('pollux'), perSecond('stock')];
  const processorRatio = processor('pollux') / processor('stock');
  const memoryRatio = memory('pollux') / memory('stock');
  const failed = registrations.pollux.reduce((total, round) => total + round.failed, 0);
  return {
    figure: rounded(figure),
    peer: rounded(peer),
    ratio: figure / peer,
    unit: 'routes looked up per second of processor time',
    met:
      figure / peer >= GOAL_LOOKUPS &&
      processorRatio <= GOAL_PROCESSOR &&
      memoryRatio <= GOAL_MEMORY &&
      failed === 0,
    goal:
      `at least ${GOAL_LOOKUPS} of a stock name server's lookups; registrations at no more than ${GOAL_PROCESSOR} of its ` +
      `processor time and ${GOAL_MEMORY} of its memory`,
    comparedWith: `name servers of RocketMQ ${VERSIONS.newest}`,
    details: {
      registrations: {
        processorRatio: rounded(processorRatio),
        memoryRatio: rounded(memoryRatio),
        pollux: registrations.pollux,
        stock: registrations.stock,
      },
      answerBytes: {
        pollux: rounded(lookups.pollux[0]?.answerBytes ?? Number.NaN),
        stock: rounded(lookups.stock[0]?.answerBytes ?? Number.NaN),
      },
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const jars = await findJars(progress);
  if ('why' in jars) throw new Error(jars.why);
  const pollux = await startPollux();
  try {
    const stock = await startStock(jars);
    try {
      const systems = { pollux, stock };
      progress(`${SERVERS} nodes, and ${SERVERS} stock name servers`);
      const lookups = await measureLookups(systems, size, progress);
      const registrations: Record<SystemName, readonly Registered[]> = { pollux: [], stock: [] };
      for (const name of ['pollux', 'stock'] as const)
        registrations[name] = await measureRegistrations(systems[name], size, (round, result) =>
          progress(
            `registrations, round ${round}, ${name}: ${Math.round(result.processorMs)} ms of processor time, ` +
              `${Math.round(result.residentMiB)} MiB, ${result.failed} failed`,
          ),
        );
      return outcomeOf(lookups, registrations);
    } finally {
      await stock.close();
    }
  } finally {
    await pollux.close();
  }
}

export const rocketmq: Benchmark = {
  summary: "RocketMQ's routes and registrations against stock name servers",
  needs: ['javac', 'mvn'],
  measure,
};
