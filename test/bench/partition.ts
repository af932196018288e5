/**
 * Machines that fall silent: nothing is refused, packets are dropped between network namespaces. First the master's
 * machine alone, then the whole of IDC A with a client inside, over two servers in each IDC and over two and one; how
 * long the writer that is left stands still, and what of the acknowledged is gone once the IDC is back.
 */
import { createSites, type Sites } from '../support/sites.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { median, rounded } from './samples.ts';
import { type PolluxSystem, startPolluxSystem } from './writing/pollux-system.ts';
import { startWriter, type Writer, writesAgain } from './writing/round.ts';
import { DOWN_AFTER_MS, startSentinelSystem } from './writing/sentinel-system.ts';
import { REDIS_CONFIG, readBack, type System } from './writing/system.ts';

const GOAL_RATIO = 0.65;
const GOAL_IDC_MS = 2_000;
const LOAD = { lanesPerTarget: 8, pauseMs: 5 } as const;
const SIZES = {
  full: { rounds: 5, trafficMs: 1_000, cutMs: 6_000, layouts: ['2+1', '2+2'] },
  tiny: { rounds: 1, trafficMs: 300, cutMs: 4_000, layouts: ['2+1'] },
} as const satisfies Record<Size, unknown>;

const LAYOUTS = {
  '2+1': [{ name: 'orders', sites: ['idc-a', 'idc-a', 'idc-b'] }],
  '2+2': [{ name: 'orders', sites: ['idc-a', 'idc-a', 'idc-b', 'idc-b'] }],
} as const;
type LayoutName = keyof typeof LAYOUTS;

const SYSTEMS = ['pollux', 'sentinel', 'sentinelWait1'] as const;
type SystemName = (typeof SYSTEMS)[number];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A system whose servers and nodes stand on hosts of their own, with a client host in each IDC. */
type Sited = {
  readonly system: System;
  readonly pollux: PolluxSystem | null;
  readonly sites: Sites;
  writerIn(idc: 'idc-a' | 'idc-b'): Promise<Writer>;
  close(): Promise<void>;
};

async function startSited(which: SystemName, layout: LayoutName): Promise<Sited> {
  const sites = await createSites();
  try {
    const options = {
      groups: LAYOUTS[layout],
      redisConfig: REDIS_CONFIG,
      machineFor: (site: string, name: string) => sites.host(site, name),
    };
    const pollux =
      which === 'pollux' ? await startPolluxSystem({ ...options, detectionMs: DOWN_AFTER_MS }) : null;
    const waitCount = which === 'sentinelWait1' ? 1 : 0;
    const system = pollux ?? (await startSentinelSystem({ ...options, waitCount }));
    const clients = {
      'idc-a': await sites.host('idc-a', 'client-a'),
      'idc-b': await sites.host('idc-b', 'client-b'),
    };
    return {
      system,
      pollux,
      sites,
      writerIn: (idc) => startWriter(system, idc, LOAD, clients[idc].command),
      close: async () => {
        await system.close();
        await sites.close();
      },
    };
  } catch (error) {
    await sites.close();
    throw error;
  }
}

type SilentRound = { readonly gapMs: number; readonly acknowledged: number; readonly lost: number };

const missing = (acknowledged: readonly string[], kept: ReadonlySet<string>): number =>
  acknowledged.filter((id) => !kept.has(id)).length;

/** What the nodes know of a group that does not come back: where to look for the reason. */
async function whatItSays(pollux: PolluxSystem | null, target: string): Promise<string> {
  if (pollux === null) return 'under Sentinels';
  const group = await pollux.admin.call('groupGet', { parameters: { group: target } });
  const history = await pollux.admin.call('historyList', { query: { group: target } });
  const evidence = await pollux.admin.call('status', {});
  return JSON.stringify({ group, evidence, history }).slice(0, 12_000);
}

/** The master's machine is cut off from every other one; the writer stands in the same IDC. */
async function silenceMaster({ system, pollux, sites, writerIn }: Sited, size: Size): Promise<SilentRound> {
  const [target = ''] = system.targets;
  const writer = await writerIn('idc-a');
  try {
    await pause(SIZES[size].trafficMs);
    const { id } = await system.masterOf(target);
    await writer.mark();
    const cut = await sites.cut(id, ['idc-a', 'idc-b', 'witness']);
    await writesAgain(writer).catch(async (error: unknown) => {
      throw new Error(`${String(error)}; ${await whatItSays(pollux, target)}`);
    });
    const { gapsMs } = await writer.gaps();
    const acknowledged = await writer.stop();
    await cut.heal();
    await system.whole();
    const kept = await readBack(system);
    return {
      gapMs: Math.max(...gapsMs),
      acknowledged: acknowledged.length,
      lost: missing(acknowledged, kept),
    };
  } finally {
    await writer.end();
    await sites.heal();
  }
}

type IdcRound = SilentRound & { readonly leaderInA: boolean };

/** The master stands in A, and where it matters the leading node does, or does not. */
async function arrange({ system, pollux }: Sited, leaderInA: boolean): Promise<void> {
  const [target = ''] = system.targets;
  while ((await system.masterOf(target)).site !== 'idc-a') {
    await system.move(target);
    await system.whole();
  }
  if (pollux === null) return;
  for (;;) {
    const leader = await pollux.tier.leader();
    if ((leader.site === 'idc-a') === leaderInA) break;
    await leader.stop();
    await pollux.tier.leader();
    await leader.start();
    await pause(500);
  }
  await system.whole();
}

async function cutOffIdc(sited: Sited, leaderInA: boolean, size: Size): Promise<IdcRound> {
  const { system, sites } = sited;
  await arrange(sited, leaderInA);
  const inside = await sited.writerIn('idc-a');
  const outside = await sited.writerIn('idc-b');
  try {
    await pause(SIZES[size].trafficMs);
    await outside.mark();
    const cut = await sites.cut('idc-a', ['idc-b', 'witness']);
    // With WAIT 1 and one server left in B, Sentinel's writer does not go on before A is back.
    await pause(SIZES[size].cutMs);
    const { gapsMs } = await outside.gaps();
    await cut.heal();
    await system.whole();
    const acknowledged = [...(await inside.stop()), ...(await outside.stop())];
    const kept = await readBack(system);
    return {
      gapMs: Math.max(...gapsMs),
      acknowledged: acknowledged.length,
      lost: missing(acknowledged, kept),
      leaderInA,
    };
  } finally {
    await inside.end();
    await outside.end();
    await sites.heal();
  }
}

type Results = {
  readonly silent: Record<SystemName, SilentRound[]>;
  readonly idc: Record<LayoutName, Record<SystemName, IdcRound[]>>;
};

const noRounds = <Round>(): Record<SystemName, Round[]> => ({ pollux: [], sentinel: [], sentinelWait1: [] });
const gapsOf = (rounds: readonly SilentRound[]): number[] => rounds.map(({ gapMs }) => gapMs);
const lostOf = (rounds: readonly SilentRound[]): number =>
  rounds.reduce((total, { lost }) => total + lost, 0);

const describe = (rounds: readonly SilentRound[]) => ({
  medianMs: rounded(median(gapsOf(rounds))),
  gapsMs: gapsOf(rounds).map(Math.round),
  acknowledged: rounds.reduce((total, { acknowledged }) => total + acknowledged, 0),
  lost: lostOf(rounds),
});

function describeIdc(rounds: Record<SystemName, readonly IdcRound[]>) {
  return {
    pollux: {
      ...describe(rounds.pollux),
      leaderInAMs: gapsOf(rounds.pollux.filter(({ leaderInA }) => leaderInA)).map(Math.round),
    },
    sentinel: describe(rounds.sentinel),
    sentinelWait1: describe(rounds.sentinelWait1),
  };
}

function outcomeOf({ silent, idc }: Results): Outcome {
  const figure = median(gapsOf(silent.pollux));
  const peer = Math.min(median(gapsOf(silent.sentinel)), median(gapsOf(silent.sentinelWait1)));
  const ratio = figure / peer;
  const cutOff = [...idc['2+1'].pollux, ...idc['2+2'].pollux];
  const slowestMs = Math.max(...gapsOf(cutOff));
  const lost = lostOf([...silent.pollux, ...cutOff]);
  return {
    figure,
    peer,
    ratio,
    unit: 'ms',
    met: ratio <= GOAL_RATIO && slowestMs <= GOAL_IDC_MS && lost === 0,
    goal:
      `a silent master: at most ${GOAL_RATIO} of Sentinel's longest gap; IDC A cut off: the writer in B goes on within ` +
      `${GOAL_IDC_MS} ms every time; nothing lost`,
    comparedWith: `Redis Sentinel, down-after ${DOWN_AFTER_MS} ms, the quicker of with and without WAIT 1`,
    details: {
      rounds: silent.pollux.length,
      silentMaster: {
        pollux: describe(silent.pollux),
        sentinel: describe(silent.sentinel),
        sentinelWait1: describe(silent.sentinelWait1),
      },
      idcACutOff: { '2+2': describeIdc(idc['2+2']), '2+1': describeIdc(idc['2+1']) },
      slowestWriterInBMs: rounded(slowestMs),
      lost,
    },
  };
}

async function measureLayout(
  layout: LayoutName,
  results: Results,
  size: Size,
  progress: Progress,
): Promise<void> {
  const systems = new Map<SystemName, Sited>();
  try {
    for (const which of SYSTEMS) systems.set(which, await startSited(which, layout));
    progress(`${layout}: three systems are whole`);
    for (let nth = 1; nth <= SIZES[size].rounds; nth += 1) {
      for (const [which, sited] of systems) {
        if (layout === '2+1') {
          const round = await silenceMaster(sited, size);
          results.silent[which].push(round);
          progress(`${layout} ${nth}, ${which}: silent master, ${Math.round(round.gapMs)} ms`);
        }
        const round = await cutOffIdc(sited, nth % 2 === 1, size);
        results.idc[layout][which].push(round);
        progress(
          `${layout} ${nth}, ${which}: IDC A, ${Math.round(round.gapMs)} ms, lost ${round.lost} of ${round.acknowledged}`,
        );
      }
    }
  } finally {
    for (const sited of systems.values()) await sited.close();
  }
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const results: Results = { silent: noRounds(), idc: { '2+1': noRounds(), '2+2': noRounds() } };
  for (const layout of SIZES[size].layouts) await measureLayout(layout, results, size, progress);
  return outcomeOf(results);
}

export const partition: Benchmark = {
  summary: 'a silent master, and an IDC that is cut off, against Redis Sentinel',
  needs: ['ip', 'nft'],
  measure,
};
