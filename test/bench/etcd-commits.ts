/**
 * The same keys and values put into a cluster of three etcd servers and into three nodes of ours, in turn, all on the
 * same machine, disk and timing: at the peer port, where a node passes commands on to the leader; at the face that the
 * leader's doors use; and through HTTP, with whole `pollux serve` processes. Always at the leader, except that the
 * client at the peer port is in the event loop of a follower, because only a peer may speak there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTier } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type CommitNodes, startCommitNodes } from './commit-nodes.ts';
import { startEtcd } from './etcd.ts';
import { committed } from './processes/commit-messages.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { type PutQuestion, putsDone } from './processes/put-messages.ts';
import { median, rounded, sum } from './samples.ts';

const GOAL_PEER_PORT = 2;
const GOAL_HTTP = 1;
const COMMAND_BYTES = 200;
const TIMING = { electionTimeoutMs: 500, heartbeatIntervalMs: 50 } as const;
const RUN_TIMEOUT_MS = 120_000;
const SIZES = {
  full: { rounds: 11, warmup: 5_000, many: { inFlight: 64, puts: 6_000 }, one: { inFlight: 1, puts: 1_000 } },
  tiny: { rounds: 1, warmup: 64, many: { inFlight: 64, puts: 640 }, one: { inFlight: 1, puts: 10 } },
} as const satisfies Record<Size, unknown>;

const WAYS = ['peerPort', 'face', 'http', 'etcd'] as const;
type Way = (typeof WAYS)[number];
type Load = { readonly inFlight: number; readonly puts: number };
type Run = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all three servers together, for one put: what other work on the machine hardly changes. */
  readonly processorMicros: number;
  /** The same of a client in a process of its own; 0 where it is in one of the servers. */
  readonly clientMicros: number;
};
type Runs = Readonly<Record<Way, Run[]>>;

/** Runs a load one way. */
type Driver = (load: Load) => Promise<Run>;
type Done = { readonly elapsedMs: number; readonly p50Ms: number; readonly p99Ms: number };

type Processes = { readonly servers: readonly number[]; readonly client?: number };

const driverOf =
  ({ servers, client }: Processes, drive: Drive): Driver =>
  async (load) => {
    const run = await drive();
    const serversMs = (): number => sum(servers.map(processorTimeMs));
    const clientMs = (): number => (client === undefined ? 0 : processorTimeMs(client));
    const [serversBeforeMs, clientBeforeMs] = [serversMs(), clientMs()];
    const { elapsedMs, p50Ms, p99Ms } = await run(load);
    return {
      perSecond: (load.puts * 1_000) / elapsedMs,
      p50Ms,
      p99Ms,
      processorMicros: ((serversMs() - serversBeforeMs) * 1_000) / load.puts,
      clientMicros: ((clientMs() - clientBeforeMs) * 1_000) / load.puts,
    };
  };

/** Who leads is found before each load, outside of what is measured. */
type Drive = () => Promise<(load: Load) => Promise<Done>>;

const through =
  (client: Forked, target: () => Promise<PutQuestion['target']>): Drive =>
  async () => {
    const found = await target();
    return (load) =>
      client.ask({ target: found, ...load, commandBytes: COMMAND_BYTES }, putsDone, RUN_TIMEOUT_MS);
  };

const inside =
  (nodes: CommitNodes, role: 'leader' | 'follower'): Drive =>
  async () => {
    const node = (await nodes.roles())[role];
    return ({ inFlight, puts }) => {
      const question = { kind: 'commit', commands: puts, inFlight, commandBytes: COMMAND_BYTES };
      return node.ask(question, committed, RUN_TIMEOUT_MS);
    };
  };

const noRuns = (): Runs => ({ peerPort: [], face: [], http: [], etcd: [] });

/** Whoever comes first finds another machine than whoever comes last, so the order moves on with every round. */
const orderOf = (round: number): readonly Way[] =>
  WAYS.map((_, nth) => WAYS[(nth + round) % WAYS.length] ?? 'etcd');

async function alternate(
  drivers: Readonly<Record<Way, Driver>>,
  size: Size,
  progress: Progress,
): Promise<{ readonly many: Runs; readonly one: Runs }> {
  const { rounds, warmup, many } = SIZES[size];
  for (const way of WAYS) await drivers[way]({ inFlight: many.inFlight, puts: warmup });
  const runs = { many: noRuns(), one: noRuns() };
  for (let round = 1; round <= rounds; round += 1) {
    for (const which of ['many', 'one'] as const) {
      const load = SIZES[size][which];
      for (const way of orderOf(round)) runs[which][way].push(await drivers[way](load));
      const figures = WAYS.map((way) => `${way} ${Math.round(runs[which][way].at(-1)?.perSecond ?? 0)}/s`);
      progress(`round ${round}, ${load.inFlight} in flight: ${figures.join(', ')}`);
    }
  }
  return runs;
}

function outcomeOf({ many, one }: { readonly many: Runs; readonly one: Runs }, size: Size): Outcome {
  const middle = (runs: readonly Run[], of: keyof Run): number => median(runs.map((run) => run[of]));
  const describe = (runs: Runs) =>
    Object.fromEntries(
      WAYS.map((way) => [
        way,
        {
          perSecond: Math.round(middle(runs[way], 'perSecond')),
          ratio: rounded(middle(runs[way], 'perSecond') / middle(runs.etcd, 'perSecond')),
          medianRatioOfRounds: rounded(
            median(
              runs[way].map(
                ({ perSecond }, round) => perSecond / (runs.etcd[round]?.perSecond ?? Number.NaN),
              ),
            ),
          ),
          ratioPerRound: runs[way].map(({ perSecond }, round) =>
            rounded(perSecond / (runs.etcd[round]?.perSecond ?? Number.NaN)),
          ),
          p50Ms: rounded(middle(runs[way], 'p50Ms')),
          p99Ms: rounded(middle(runs[way], 'p99Ms')),
          processorMicrosPerPut: Math.round(middle(runs[way], 'processorMicros')),
          clientMicrosPerPut: Math.round(middle(runs[way], 'clientMicros')),
        },
      ]),
    );
  const figure = middle(many.peerPort, 'perSecond');
  const peer = middle(many.etcd, 'perSecond');
  const ratio = figure / peer;
  const httpRatio = middle(many.http, 'perSecond') / peer;
  const etcdP50Ms = middle(one.etcd, 'p50Ms');
  const isQuickerAtOne = middle(one.peerPort, 'p50Ms') < etcdP50Ms;
  return {
    figure,
    peer,
    ratio,
    unit: 'commits/s',
    met: ratio >= GOAL_PEER_PORT && httpRatio >= GOAL_HTTP && isQuickerAtOne,
    goal:
      `at least ${GOAL_PEER_PORT} of etcd at the peer port and ${GOAL_HTTP} through HTTP with 64 in flight, ` +
      'and a lower median latency at the peer port with 1',
    comparedWith: 'three etcd servers that are put the same keys and values, on the same disk',
    details: {
      clients:
        'peerPort: in the event loop of a follower, which passes each command on; face: in that of the leader; ' +
        'http and etcd: one process of its own, a connection for each request under way, and gRPC on four connections',
      commandBytes: COMMAND_BYTES,
      rounds: SIZES[size].rounds,
      ...TIMING,
      httpRatio: rounded(httpRatio),
      isQuickerAtOne,
      httpP50RatioAtOne: rounded(middle(one.http, 'p50Ms') / etcdP50Ms),
      many: { ...SIZES[size].many, ...describe(many) },
      one: { ...SIZES[size].one, ...describe(one) },
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-etcd-'));
  const closings: (() => Promise<void>)[] = [];
  try {
    const client = forkBeside('put-client');
    closings.push(() => client.end());
    const etcd = await startEtcd(directory, TIMING);
    closings.push(() => etcd.close());
    const nodes = await startCommitNodes(directory);
    closings.push(() => nodes.end());
    const tier = await startTier({ logLevel: 'warn', configuration: { consensus: TIMING } });
    closings.push(() => tier.close());
    const drivers = {
      peerPort: driverOf({ servers: nodes.pids }, inside(nodes, 'follower')),
      face: driverOf({ servers: nodes.pids }, inside(nodes, 'leader')),
      http: driverOf(
        { servers: tier.nodes.map((node) => node.pid()), client: client.pid },
        through(client, async () => {
          const port = Number(new URL((await tier.leader()).httpUrl).port);
          return { kind: 'pollux', port, token: tier.token };
        }),
      ),
      etcd: driverOf(
        { servers: etcd.members.map((member) => member.pid()), client: client.pid },
        through(client, async () => ({ kind: 'etcd', port: (await etcd.leader()).clientPort })),
      ),
    };
    progress('three etcd servers, three nodes without doors and three whole ones run; warming up');
    return outcomeOf(await alternate(drivers, size, progress), size);
  } finally {
    for (const close of closings.reverse()) await close();
    rmSync(directory, { recursive: true, force: true });
  }
}

export const etcdCommits: Benchmark = {
  summary: 'values set in three nodes, against three etcd servers',
  needs: ['etcd'],
  measure,
};
