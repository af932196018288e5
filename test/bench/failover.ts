/**
 * A master that dies, and one that is moved: how long a writer stands still, under pollux and under Redis Sentinel, and
 * what of the acknowledged is gone afterwards. Both run over three servers (two in the master's IDC, one in the other)
 * on loopback; systems take turns, and each is whole again before its next turn.
 */
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { median, rounded } from './samples.ts';
import { startPolluxSystem } from './writing/pollux-system.ts';
import { NeverWroteAgain, type RoundResult, round } from './writing/round.ts';
import { DOWN_AFTER_MS, startSentinelSystem } from './writing/sentinel-system.ts';
import { REDIS_CONFIG, type System } from './writing/system.ts';

const GOAL_RATIO = 0.15;
const GOAL_SWITCHOVER_MS = 50;
const LAYOUT = [{ name: 'orders', sites: ['idc-a', 'idc-a', 'idc-b'] }] as const;
const LOAD = { lanesPerTarget: 8, pauseMs: 2 } as const;
const SIZES = {
  full: { rounds: 7, trafficMs: 1_000, systems: ['pollux', 'sentinel', 'sentinelWait1'] },
  tiny: { rounds: 1, trafficMs: 200, systems: ['pollux', 'sentinel'] },
} as const satisfies Record<Size, unknown>;

type SystemName = 'pollux' | 'sentinel' | 'sentinelWait1';
type Results = {
  readonly kills: RoundResult[];
  readonly moves: RoundResult[];
  /** Rounds after which the writer never wrote again, so that the system had to be started anew. */
  stuck: number;
  /** The very first turn, in which processes that were just started do everything for the first time. */
  first: { readonly movedMs: number; readonly killedMs: number } | null;
};

const gapsOf = (results: readonly RoundResult[]): number[] =>
  results.map(({ gapsMs }) => Math.max(...gapsMs));
const lostOf = (results: readonly RoundResult[]): number =>
  results.reduce((total, { lost }) => total + lost, 0);

async function oneTurn(system: System, results: Results, size: Size): Promise<void> {
  const [target = ''] = system.targets;
  const { trafficMs } = SIZES[size];
  const settings = { idc: 'idc-a', load: LOAD, trafficMs };
  const moved = await round(
    system,
    settings,
    () => system.move(target),
    async () => undefined,
  );
  const { redis } = await system.masterOf(target);
  const killed = await round(
    system,
    settings,
    () => redis.kill(),
    () => redis.start(),
  );
  results.moves.push(moved);
  results.kills.push(killed);
}

function outcomeOf(all: Readonly<Record<SystemName, Results>>): Outcome {
  const describe = (results: readonly RoundResult[]) => ({
    medianMs: rounded(median(gapsOf(results))),
    gapsMs: gapsOf(results).map(Math.round),
    acknowledged: results.reduce((total, { acknowledged }) => total + acknowledged, 0),
    lost: lostOf(results),
  });
  const stuck = all.pollux.stuck;
  const figure = median(gapsOf(all.pollux.kills));
  const peers = [all.sentinel, all.sentinelWait1].filter(({ kills }) => kills.length > 0);
  const peer = Math.min(...peers.map(({ kills }) => median(gapsOf(kills))));
  const moves = gapsOf(all.pollux.moves);
  const moved = median(moves);
  const lost = lostOf([...all.pollux.kills, ...all.pollux.moves]);
  const ratio = figure / peer;
  return {
    figure,
    peer,
    ratio,
    unit: 'ms',
    met: ratio <= GOAL_RATIO && moved < GOAL_SWITCHOVER_MS && lost === 0 && stuck === 0,
    goal:
      `longest gap, medians of the rounds: after a SIGKILL at most ${GOAL_RATIO} of Sentinel's, in a planned ` +
      `switchover under ${GOAL_SWITCHOVER_MS} ms; nothing lost`,
    comparedWith: `Redis Sentinel, down-after ${DOWN_AFTER_MS} ms, the quicker of with and without WAIT 1`,
    details: {
      rounds: all.pollux.kills.length,
      killed: {
        pollux: describe(all.pollux.kills),
        sentinel: describe(all.sentinel.kills),
        sentinelWait1: describe(all.sentinelWait1.kills),
      },
      moved: {
        pollux: describe(all.pollux.moves),
        sentinel: describe(all.sentinel.moves),
        sentinelWait1: describe(all.sentinelWait1.moves),
      },
      longestSwitchoverMs: rounded(Math.max(...moves)),
      freshlyStarted: { pollux: all.pollux.first, sentinel: all.sentinel.first },
      neverWroteAgain: {
        pollux: stuck,
        sentinel: all.sentinel.stuck,
        sentinelWait1: all.sentinelWait1.stuck,
      },
    },
  };
}

const startSystem = (name: SystemName): Promise<System> => {
  const common = { groups: LAYOUT, redisConfig: REDIS_CONFIG };
  return name === 'pollux'
    ? startPolluxSystem({ ...common, detectionMs: DOWN_AFTER_MS })
    : startSentinelSystem({ ...common, waitCount: name === 'sentinel' ? 0 : 1 });
};

/** What the first turn came to; null where its writer never wrote again. */
function firstOf({ kills, moves }: Results): Results['first'] {
  const [killedMs] = gapsOf(kills);
  const [movedMs] = gapsOf(moves);
  return killedMs === undefined || movedMs === undefined
    ? null
    : { movedMs: rounded(movedMs), killedMs: rounded(killedMs) };
}

/** A writer that never comes back, which happens over Sentinels, ends its round and not the benchmark. */
async function turnOrAnew(system: System, name: SystemName, results: Results, size: Size): Promise<System> {
  try {
    await oneTurn(system, results, size);
    return system;
  } catch (error) {
    if (!(error instanceof NeverWroteAgain)) throw error;
    results.stuck += 1;
    await system.close();
    return startSystem(name);
  }
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const systems = new Map<SystemName, System>();
  const results: Record<SystemName, Results> = {
    pollux: { kills: [], moves: [], stuck: 0, first: null },
    sentinel: { kills: [], moves: [], stuck: 0, first: null },
    sentinelWait1: { kills: [], moves: [], stuck: 0, first: null },
  };
  try {
    for (const name of SIZES[size].systems) systems.set(name, await startSystem(name));
    progress(`${systems.size} systems of three servers each are whole`);
    for (const [name, system] of systems) {
      const first: Results = { kills: [], moves: [], stuck: 0, first: null };
      systems.set(name, await turnOrAnew(system, name, first, size));
      results[name].first = firstOf(first);
      progress(`${name}, just started: ${JSON.stringify(results[name].first)}`);
    }
    for (let nth = 1; nth <= SIZES[size].rounds; nth += 1) {
      for (const [name, system] of systems) {
        const { kills, moves, stuck } = results[name];
        systems.set(name, await turnOrAnew(system, name, results[name], size));
        const [killed, moved] = [kills, moves].map((all) => Math.round(gapsOf(all).at(-1) ?? 0));
        progress(
          results[name].stuck > stuck
            ? `round ${nth}, ${name}: the writer never wrote again; started anew`
            : `round ${nth}, ${name}: killed ${killed} ms, moved ${moved} ms`,
        );
      }
    }
    return outcomeOf(results);
  } finally {
    await Promise.all([...systems.values()].map((system) => system.close()));
  }
}

export const failover: Benchmark = {
  summary: 'a master is killed, and one is moved, against Redis Sentinel',
  measure,
};
