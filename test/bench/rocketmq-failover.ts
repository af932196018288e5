/**
 * How long a RocketMQ producer stands still when its master dies, and when the master's host is cut off: brokers and
 * client as they come but for the settings that keep what was acknowledged, over our nodes and over stock name servers
 * and controllers. Both grounds stand side by side and take turns.
 */

import type { Broker } from '../interop/rocketmq/broker.ts';
import { CLIENT_IDC, type RocketmqGround, type SetPlan } from '../interop/rocketmq/ground.ts';
import { findJars, type Jars } from '../interop/rocketmq/jars.ts';
import { startPolluxTier } from '../interop/rocketmq/pollux-tier.ts';
import { prepareGround, type TierStarter } from '../interop/rocketmq/prepare.ts';
import { startStockTier } from '../interop/rocketmq/stock-tier.ts';
import { copiedTopics, createTopics, topicOf } from '../interop/rocketmq/topics.ts';
import { acknowledged, type Flow, longestGapMs } from '../interop/rocketmq/traffic.ts';
import { eventually } from '../support/eventually.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { median, rounded } from './samples.ts';

const GOAL_KILL_RATIO = 1.1;
const GOAL_CUT_RATIO = 0.3;
const SIZES = {
  full: { kills: 5, cuts: 3 },
  tiny: { kills: 1, cuts: 0 },
} as const satisfies Record<Size, unknown>;
const SETS: readonly SetPlan[] = [{ name: 'set-a', version: 'newest', idcs: ['idc-a', 'idc-a', 'idc-b'] }];
const SET = 'set-a';
const TOPIC = topicOf(SET);
const INTERVAL_MS = 10;
const ENOUGH = 20;
const START_TIMEOUT_MS = 60_000;
/** A stock tier that loses the host of a master takes most of a minute. */
const AGAIN_TIMEOUT_MS = 180_000;

type Fault = 'kill' | 'cut';
type Round = { readonly gapMs: number; readonly acknowledged: number; readonly lost: number };
type SystemName = 'pollux' | 'stock';
type System = { readonly ground: RocketmqGround; readonly rounds: Record<Fault, Round[]> };

async function cutOff({ sites, brokers, tier, agents }: RocketmqGround, { host }: Broker): Promise<void> {
  const others = [
    ...brokers.map((broker) => broker.host.name),
    ...tier.nodes.map(({ name }) => name),
    ...Object.values(agents).map((agent) => agent.host.name),
  ];
  await sites.cut(
    host.name,
    others.filter((name) => name !== host.name),
  );
}

async function round(ground: RocketmqGround, fault: Fault, name: string): Promise<Round> {
  await ground.settle();
  const agent = ground.agents[CLIENT_IDC];
  const flow: Flow = { name, topic: TOPIC, agent };
  const sends = (fromMs: number) => () =>
    acknowledged(flow).filter(({ atMs }) => atMs >= fromMs).length >= ENOUGH;
  await agent.ask('produce', name, TOPIC, INTERVAL_MS);
  await eventually('it sends', sends(0), START_TIMEOUT_MS);
  const master = await ground.master(SET);
  const fromMs = Date.now();
  if (fault === 'kill') await master.kill();
  else await cutOff(ground, master);
  await eventually(
    'another master reigns',
    async () => {
      const { master: reigning } = await ground.state(SET);
      return reigning !== null && reigning.address !== master.address;
    },
    AGAIN_TIMEOUT_MS,
  );
  await eventually('it sends again', sends(Date.now()), AGAIN_TIMEOUT_MS);
  const gapMs = longestGapMs(flow, fromMs, Date.now());
  await ground.mend();
  await ground.settle();
  await agent.ask('halt', name);
  const held = (await agent.read(TOPIC)).get(name) ?? new Set();
  const taken = acknowledged(flow);
  return { gapMs, acknowledged: taken.length, lost: taken.filter(({ n }) => !held.has(n)).length };
}

const gaps = (rounds: readonly Round[]): readonly number[] => rounds.map(({ gapMs }) => gapMs);

function outcomeOf(systems: Readonly<Record<SystemName, System>>): Outcome {
  const { pollux, stock } = systems;
  const describe = (rounds: readonly Round[]) => ({
    medianMs: rounds.length === 0 ? null : rounded(median([...gaps(rounds)])),
    gapsMs: gaps(rounds),
    acknowledged: rounds.reduce((total, one) => total + one.acknowledged, 0),
    lost: rounds.reduce((total, one) => total + one.lost, 0),
  });
  const ratioOf = (fault: Fault): number =>
    median([...gaps(pollux.rounds[fault])]) / median([...gaps(stock.rounds[fault])]);
  const figure = median([...gaps(pollux.rounds.kill)]);
  const peer = median([...gaps(stock.rounds.kill)]);
  const cutRatio = pollux.rounds.cut.length === 0 ? null : ratioOf('cut');
  const lost = [...pollux.rounds.kill, ...pollux.rounds.cut].reduce((total, one) => total + one.lost, 0);
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'ms',
    met: figure / peer <= GOAL_KILL_RATIO && cutRatio !== null && cutRatio <= GOAL_CUT_RATIO && lost === 0,
    goal:
      `after a SIGKILL of the master at most ${GOAL_KILL_RATIO} of a stock tier's longest gap, after its host is cut ` +
      `off at most ${GOAL_CUT_RATIO}; nothing lost`,
    comparedWith: stock.ground.tier.what,
    details: {
      cutRatio: cutRatio === null ? null : rounded(cutRatio),
      killed: { pollux: describe(pollux.rounds.kill), stock: describe(stock.rounds.kill) },
      cutOff: { pollux: describe(pollux.rounds.cut), stock: describe(stock.rounds.cut) },
    },
  };
}

async function startSystem(jars: Jars, name: SystemName, progress: Progress): Promise<System> {
  const starter: TierStarter =
    name === 'pollux'
      ? startPolluxTier
      : (sites, directory) => startStockTier(sites, jars, directory, 'jRaft');
  const ground = await prepareGround(jars, starter, progress, { sets: SETS, times: 'default' });
  await createTopics(ground);
  await copiedTopics(ground);
  return { ground, rounds: { kill: [], cut: [] } };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const jars = await findJars(progress);
  if ('why' in jars) throw new Error(jars.why);
  const opened: System[] = [];
  const open = async (name: SystemName): Promise<System> => {
    const system = await startSystem(jars, name, progress);
    opened.push(system);
    return system;
  };
  try {
    const systems = { pollux: await open('pollux'), stock: await open('stock') };
    for (const [fault, count] of [
      ['kill', SIZES[size].kills],
      ['cut', SIZES[size].cuts],
    ] as const)
      for (let nth = 1; nth <= count; nth += 1)
        for (const name of ['pollux', 'stock'] as const) {
          const { ground, rounds } = systems[name];
          const one = await round(ground, fault, `${fault}-${nth}`);
          rounds[fault].push(one);
          progress(`${fault} ${nth}, ${name}: ${one.gapMs} ms, ${one.lost} of ${one.acknowledged} lost`);
        }
    return outcomeOf(systems);
  } finally {
    await Promise.all(opened.map(({ ground }) => ground.close()));
  }
}

export const rocketmqFailover: Benchmark = {
  summary:
    "a RocketMQ broker set's master is killed, and cut off, against stock name servers and controllers",
  needs: ['javac', 'mvn', 'ip', 'nft'],
  measure,
};
