/**
 * A hundred broker groups lose an IDC in the same second: packets between IDC A, where all masters stand with one node,
 * and everything else are dropped. How long until the last group takes writes again, compared with a tier of one group
 * and with Redis Sentinel over as many; and that, once the IDC is back, all groups are whole again with no more full
 * resyncs at once than the tier allows.
 */
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { createSites, type Host, type Sites } from '../support/sites.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { median, percentile, rounded } from './samples.ts';
import { inBatches } from './writing/batches.ts';
import { type PolluxSystem, startPolluxSystem } from './writing/pollux-system.ts';
import { startWriter, type Writer, writesAgain } from './writing/round.ts';
import { DOWN_AFTER_MS, startSentinelSystem } from './writing/sentinel-system.ts';
import { REDIS_CONFIG, readBack, type System } from './writing/system.ts';

const GOAL_TIMES_ONE = 3;
/** Two servers a group: three hundred servers that are probed ten times a second are more than a small machine carries. */
const SITES_OF_GROUP = ['idc-a', 'idc-b'] as const;
/** Three nodes share the machine with all servers, so that each probes a fifth of a second apart. */
const PROBE_INTERVAL_MS = 200;
const LEAN = [
  'repl-backlog-size 256kb',
  'hz 10',
  'io-threads 1',
  'client-output-buffer-limit replica 4mb 4mb 0',
];
const SIZES = {
  full: { groups: 100, halves: 2, rounds: 3, trafficMs: 2_000, pauseMs: 100 },
  tiny: { groups: 4, halves: 1, rounds: 1, trafficMs: 500, pauseMs: 20 },
} as const satisfies Record<Size, unknown>;
const WATCH_EVERY_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

type Sited = {
  readonly system: System;
  readonly pollux: PolluxSystem | null;
  readonly sites: Sites;
  readonly client: Host;
  close(): Promise<void>;
};

async function startSited(which: 'pollux' | 'sentinel', groups: number): Promise<Sited> {
  const sites = await createSites();
  try {
    // One host an IDC: what is cut is the IDC.
    const hosts = new Map<string, Host>();
    const machineFor = async (site: string): Promise<Host> => {
      const host = hosts.get(site) ?? (await sites.host(site, `host-${site}`));
      hosts.set(site, host);
      return host;
    };
    for (const site of ['idc-a', 'idc-b', 'witness']) await machineFor(site);
    const names = Array.from({ length: groups }, (_, nth) => `orders-${nth + 1}`);
    const options = {
      groups: names.map((name) => ({ name, sites: SITES_OF_GROUP })),
      redisConfig: [...REDIS_CONFIG, ...LEAN],
      machineFor,
    };
    const pollux =
      which === 'pollux'
        ? await startPolluxSystem({
            ...options,
            detectionMs: DOWN_AFTER_MS,
            probeIntervalMs: PROBE_INTERVAL_MS,
          })
        : null;
    const system = pollux ?? (await startSentinelSystem({ ...options, waitCount: 0 }));
    const close = async (): Promise<void> => {
      await system.close();
      await sites.close();
    };
    return { system, pollux, sites, client: await sites.host('idc-b', 'client-b'), close };
  } catch (error) {
    await sites.close();
    throw error;
  }
}

type MassRound = {
  /** Of each group, how long its writer stood still. */
  readonly gapsMs: readonly number[];
  readonly wholeAfterMs: number;
  /** Most servers that were seen in a full resync at one time while the IDC came back. */
  readonly resyncsAtOnce: number;
  readonly acknowledged: number;
  readonly lost: number;
};

/** Looks until `done`; what pollux says of its own recovery is what is asserted. */
async function mostResyncs(pollux: PolluxSystem | null, isDone: () => boolean): Promise<number> {
  let most = 0;
  while (pollux !== null && !isDone()) {
    const status = await pollux.admin.call('status', {});
    if (status.ok) most = Math.max(most, status.value.recovery.resyncing);
    await pause(WATCH_EVERY_MS);
  }
  return most;
}

async function bringMastersToA({ system }: Sited): Promise<void> {
  await inBatches(system.targets, async (target) => {
    if ((await system.masterOf(target)).site !== 'idc-a') await system.move(target);
  });
  await system.whole();
}

async function loseIdc(sited: Sited, size: Size): Promise<MassRound> {
  const { system, sites, client, pollux } = sited;
  await bringMastersToA(sited);
  const load = { lanesPerTarget: 1, pauseMs: SIZES[size].pauseMs };
  const writer: Writer = await startWriter(system, 'idc-b', load, client.command);
  try {
    await pause(SIZES[size].trafficMs);
    await writer.mark();
    const cut = await sites.cut('idc-a', ['idc-b', 'witness']);
    await writesAgain(writer);
    const { gapsMs } = await writer.gaps();
    const acknowledged = await writer.stop();
    const healedMs = performance.now();
    await cut.heal();
    let isDone = false;
    const watching = mostResyncs(pollux, () => isDone);
    await system.whole();
    isDone = true;
    const resyncsAtOnce = await watching;
    const kept = await readBack(system);
    return {
      gapsMs,
      wholeAfterMs: performance.now() - healedMs,
      resyncsAtOnce,
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((id) => !kept.has(id)).length,
    };
  } finally {
    await writer.end();
    await sites.heal();
  }
}

const lastOf = ({ gapsMs }: MassRound): number => Math.max(...gapsMs);

const describe = (rounds: readonly MassRound[]) => ({
  lastGroupMs: rounded(median(rounds.map(lastOf))),
  lastGroupOfRoundsMs: rounds.map((one) => Math.round(lastOf(one))),
  medianGroupMs: rounded(median(rounds.map(({ gapsMs }) => percentile(gapsMs, 0.5)))),
  acknowledged: rounds.reduce((total, { acknowledged }) => total + acknowledged, 0),
  lost: rounds.reduce((total, { lost }) => total + lost, 0),
  wholeAfterMs: rounded(median(rounds.map(({ wholeAfterMs }) => wholeAfterMs))),
});

function outcomeOf(
  results: { readonly one: MassRound[]; readonly pollux: MassRound[]; readonly sentinel: MassRound[] },
  groups: number,
): Outcome {
  const figure = median(results.pollux.map(lastOf));
  const peer = median(results.sentinel.map(lastOf));
  const one = median(results.one.map(lastOf));
  const resyncsAtOnce = Math.max(...results.pollux.map((round) => round.resyncsAtOnce));
  const lost = [...results.one, ...results.pollux].reduce((total, round) => total + round.lost, 0);
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'ms',
    met: figure <= GOAL_TIMES_ONE * one && lost === 0 && resyncsAtOnce <= LIMITS.resyncsAtOnce,
    goal:
      `the last of ${groups} groups takes writes again within ${GOAL_TIMES_ONE} times the time of one group; nothing ` +
      `lost; at most ${LIMITS.resyncsAtOnce} full resyncs at once`,
    comparedWith: `Redis Sentinel over as many groups, without WAIT, down-after ${DOWN_AFTER_MS} ms`,
    details: {
      groups,
      serversPerGroup: SITES_OF_GROUP.length,
      probeIntervalMs: PROBE_INTERVAL_MS,
      timesOne: rounded(figure / one),
      oneGroupMs: rounded(one),
      resyncsAtOnce,
      pollux: describe(results.pollux),
      sentinel: describe(results.sentinel),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { groups, halves, rounds } = SIZES[size];
  const results = { one: [] as MassRound[], pollux: [] as MassRound[], sentinel: [] as MassRound[] };
  const block = async (name: keyof typeof results, count: number): Promise<void> => {
    const sited = await startSited(name === 'sentinel' ? 'sentinel' : 'pollux', count);
    try {
      progress(`${name}: ${count} groups are whole`);
      for (let nth = 1; nth <= rounds; nth += 1) {
        const round = await loseIdc(sited, size);
        results[name].push(round);
        progress(
          `${name} ${results[name].length}: last group after ${Math.round(lastOf(round))} ms, lost ${round.lost}, ` +
            `whole ${Math.round(round.wholeAfterMs)} ms after the IDC was back`,
        );
      }
    } finally {
      await sited.close();
    }
  };
  // Hundreds of servers at a time are enough, so the systems take turns in blocks.
  for (let half = 0; half < halves; half += 1) {
    await block('one', 1);
    await block('pollux', groups);
    await block('sentinel', groups);
  }
  return outcomeOf(results, groups);
}

export const mass: Benchmark = {
  summary: 'a hundred groups lose an IDC in the same second, against Redis Sentinel',
  needs: ['ip', 'nft'],
  measure,
};
