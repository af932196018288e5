/**
 * Discovery at the Sentinel door of a real node against a real Sentinel: how many addresses are answered per second of
 * the server's own processor time, one request at a time and pipelined; and how long a switch takes to reach ten
 * thousand clients that have subscribed at one node, and at one Sentinel.
 */
import { z } from 'zod';
import { type Ground, prepareGround } from '../support/ground.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { median, rounded } from './samples.ts';

const GOAL_SINGLE = 0.5;
const GOAL_PIPELINED = 0.25;
const GOAL_SWITCH_MS = 250;
const MASTER = 'orders-a';
const PIPELINED = 16;
const SIZES = {
  full: { turns: 7, connections: 50, warmupMs: 300, durationMs: 1_500, subscribers: 10_000, switches: 5 },
  tiny: { turns: 1, connections: 4, warmupMs: 20, durationMs: 100, subscribers: 50, switches: 1 },
} as const satisfies Record<Size, unknown>;
const SUBSCRIBER_PROCESSES = 2;
const HEAR_TIMEOUT_MS = 60_000;
const OPEN_TIMEOUT_MS = 120_000;
const LAYOUT = [{ group: MASTER, sites: ['idc-a', 'idc-b'] }] as const;

const loaded = z.object({ answered: z.int(), failed: z.int(), elapsedMs: z.number() });
const opened = z.object({ open: z.int() });
const heard = z.object({ heard: z.int(), firstMs: z.number(), lastMs: z.number() });

type Server = { readonly port: number; readonly pid: number };
type Load = { readonly perProcessorSecond: number; readonly perSecond: number; readonly failed: number };

async function load(client: Forked, server: Server, pipelined: number, size: Size): Promise<Load> {
  const { connections, warmupMs, durationMs } = SIZES[size];
  const startedMs = performance.now();
  const busyBeforeMs = processorTimeMs(server.pid);
  const question = { port: server.port, master: MASTER, connections, pipelined, warmupMs, durationMs };
  const { answered, failed, elapsedMs } = await client.ask(question, loaded);
  const busyShare = (processorTimeMs(server.pid) - busyBeforeMs) / (performance.now() - startedMs);
  const perSecond = (answered * 1_000) / elapsedMs;
  return { perProcessorSecond: perSecond / busyShare, perSecond, failed };
}

type Loads = { ours: Load[]; peer: Load[] };

async function alternate(
  { client, ours, peer }: { client: Forked; ours: Server; peer: Server },
  pipelined: number,
  size: Size,
  progress: Progress,
): Promise<Loads> {
  const loads: Loads = { ours: [], peer: [] };
  await load(client, ours, pipelined, size);
  for (let turn = 1; turn <= SIZES[size].turns; turn += 1) {
    const order = turn % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
    for (const which of order) {
      loads[which].push(await load(client, which === 'ours' ? ours : peer, pipelined, size));
    }
    const [mine, theirs] = [loads.ours.at(-1), loads.peer.at(-1)];
    progress(
      `${pipelined} at a time, turn ${turn}: ${Math.round(mine?.perProcessorSecond ?? 0)} per processor second, ` +
        `Sentinel ${Math.round(theirs?.perProcessorSecond ?? 0)}`,
    );
  }
  return loads;
}

/** One Sentinel that watches one ordinary master with a slave. */
async function startPeer(): Promise<{ readonly sentinel: RedisServer; close(): Promise<void> }> {
  const master = await startRedis();
  const slave = await startRedis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
  const sentinel = await startRedis({
    sentinel: true,
    config: [
      'maxclients 15000',
      `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${MASTER} 1000`,
    ],
  });
  return {
    sentinel,
    close: async () => {
      for (const one of [sentinel, slave, master]) await one.stop();
    },
  };
}

/** Milliseconds from the first client that hears of a switch to the last; every one has to hear of it. */
async function spread(
  subscribers: readonly Forked[],
  port: number,
  size: Size,
  doSwitch: () => Promise<void>,
): Promise<number> {
  const count = SIZES[size].subscribers / subscribers.length;
  await Promise.all(
    subscribers.map((one) => one.ask({ kind: 'open', port, count }, opened, OPEN_TIMEOUT_MS)),
  );
  const hearing = subscribers.map((one) =>
    one.ask({ kind: 'hear', timeoutMs: HEAR_TIMEOUT_MS }, heard, HEAR_TIMEOUT_MS * 2),
  );
  await doSwitch();
  const answers = await Promise.all(hearing);
  await Promise.all(subscribers.map((one) => one.ask({ kind: 'close' }, opened)));
  const missed = SIZES[size].subscribers - answers.reduce((total, one) => total + one.heard, 0);
  if (missed > 0)
    throw new Error(`${missed} subscribers did not hear of a switch within ${HEAR_TIMEOUT_MS} ms`);
  return Math.max(...answers.map((one) => one.lastMs)) - Math.min(...answers.map((one) => one.firstMs));
}

const pause = (durationMs: number): Promise<void> => new Promise((done) => setTimeout(done, durationMs));

/** Asks until it is done: a switch cannot begin before the one before has been finished. */
async function until(isDone: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + HEAR_TIMEOUT_MS;
  while (!(await isDone())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} within ${HEAR_TIMEOUT_MS} ms`);
    await pause(200);
  }
}

async function switches(
  ground: Ground,
  sentinel: RedisServer,
  ours: Server,
  size: Size,
  progress: Progress,
): Promise<{ readonly ours: number[]; readonly peer: number[] }> {
  const subscribers = Array.from({ length: SUBSCRIBER_PROCESSES }, () => forkBeside('subscribers'));
  const spreads: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  const admin = sentinel.client();
  try {
    for (let nth = 1; nth <= SIZES[size].switches; nth += 1) {
      const path = `/v1/groups/${MASTER}/switchover`;
      const mine = await spread(subscribers, ours.port, size, () =>
        until(async () => (await ground.tier.call('POST', path, {})).status < 300, 'a switch begins'),
      );
      const theirs = await spread(subscribers, sentinel.port, size, () =>
        until(
          () =>
            admin.call('SENTINEL', 'FAILOVER', MASTER).then(
              () => true,
              () => false,
            ),
          'a Sentinel begins a switch',
        ),
      );
      spreads.ours.push(mine);
      spreads.peer.push(theirs);
      progress(
        `switch ${nth}: ${Math.round(mine)} ms from the first to the last, Sentinel ${Math.round(theirs)} ms`,
      );
    }
    return spreads;
  } finally {
    await Promise.all(subscribers.map((one) => one.end()));
  }
}

function outcomeOf(
  {
    single,
    pipelined,
    spreads,
  }: { single: Loads; pipelined: Loads; spreads: { ours: number[]; peer: number[] } },
  size: Size,
): Outcome {
  const middle = (loads: readonly Load[]): number => median(loads.map((one) => one.perProcessorSecond));
  const ratioOf = (loads: Loads): number => middle(loads.ours) / middle(loads.peer);
  const [figure, peer] = [middle(single.ours), middle(single.peer)];
  const worstMs = Math.max(...spreads.ours);
  const failed = [single, pipelined].flatMap(({ ours, peer: theirs }) => [...ours, ...theirs]);
  const failures = failed.reduce((total, one) => total + one.failed, 0);
  const describe = (loads: readonly Load[]) => ({
    perProcessorSecond: Math.round(middle(loads)),
    perSecond: Math.round(median(loads.map((one) => one.perSecond))),
  });
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'requests per processor second',
    met:
      ratioOf(single) >= GOAL_SINGLE &&
      ratioOf(pipelined) >= GOAL_PIPELINED &&
      worstMs <= GOAL_SWITCH_MS &&
      failures === 0,
    goal:
      `at least ${GOAL_SINGLE} of a Sentinel one at a time and ${GOAL_PIPELINED} pipelined, ` +
      `and every switch at all subscribers within ${GOAL_SWITCH_MS} ms`,
    comparedWith: 'a real Sentinel on the same machine',
    details: {
      connections: SIZES[size].connections,
      pipelined: PIPELINED,
      failures,
      single: { ours: describe(single.ours), peer: describe(single.peer), ratio: rounded(ratioOf(single)) },
      pipelinedLoad: {
        ours: describe(pipelined.ours),
        peer: describe(pipelined.peer),
        ratio: rounded(ratioOf(pipelined)),
      },
      subscribers: SIZES[size].subscribers,
      switchMs: spreads.ours.map(rounded),
      peerSwitchMs: spreads.peer.map(rounded),
      switchMedianMs: rounded(median(spreads.ours)),
      peerSwitchMedianMs: rounded(median(spreads.peer)),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const ground = await prepareGround({ layout: LAYOUT, policy: 'any-one', progress });
  const peer = await startPeer();
  const client = forkBeside('discovery-client');
  try {
    const leader = await ground.tier.leader();
    const ours = { port: leader.sentinelPort, pid: leader.pid() };
    const both = { client, ours, peer: { port: peer.sentinel.port, pid: peer.sentinel.pid() } };
    const single = await alternate(both, 1, size, progress);
    const pipelined = await alternate(both, PIPELINED, size, progress);
    const spreads = await switches(ground, peer.sentinel, ours, size, progress);
    return outcomeOf({ single, pipelined, spreads }, size);
  } finally {
    await client.end();
    await peer.close();
    await ground.close();
  }
}

export const sentinel: Benchmark = {
  summary: 'discovery and switches at the Sentinel door, against a real Sentinel',
  measure,
};
