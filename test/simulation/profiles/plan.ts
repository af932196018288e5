/**
 * The course of a life, drawn before it begins: how large the tier is and how it is set, and which faults strike when.
 * A plan is a plain value; what it leaves open (delays, elections, what clients do) follows from its seed.
 */
import { ORDINARY_WRITE_MS } from '../world/disk-writer.ts';
import type { Fault, FaultPlace, Victim } from '../world/faults.ts';
import type { Weather } from '../world/network.ts';
import type { TierTiming } from '../world/node-options.ts';
import { STANDINGS, type Standing, type TierSize } from '../world/places.ts';
import { streamsOf } from '../world/streams.ts';
import { Dice, ELECTION_TIMEOUT_MS, FAULTS_MS, lasting, whole } from './dice.ts';
import type { ClientHabits } from './key-value-clients.ts';
import { drawLateNews, drawLostDisks, drawStorm, drawStranded, type PlannedFault } from './patterns.ts';

export type Plan = {
  readonly seed: number;
  readonly size: TierSize;
  readonly timing: TierTiming;
  readonly tickIntervalMs: number;
  readonly weather: Weather;
  readonly clients: ClientHabits;
  /** How long faults may strike. */
  readonly faultsMs: number;
  readonly faults: readonly PlannedFault[];
};

const DRIFT = 0.1;
/** Each clock errs by less than half the drift between two of them. */
const CLOCK_ERROR = DRIFT * 0.49;
/** The bounds themselves as often as anything between them. */
const rate = (dice: Dice): number =>
  whole(1 + CLOCK_ERROR * (dice.chance(0.5) ? dice.pick([-1, 1] as const) : dice.between(-1, 1)));

type Draw = (dice: Dice, standings: readonly Standing[]) => Fault;

const anyNode = (dice: Dice, standings: readonly Standing[]): Victim =>
  dice.chance(0.4) ? 'leader' : (standings[dice.random.integer(0, standings.length)]?.node ?? 'leader');

const weather = (dice: Dice): Weather => ({
  loss: whole(dice.upTo(0.4)),
  duplication: whole(dice.upTo(0.3)),
  delayMs: whole(1 + dice.upTo(60)),
  longDelayShare: whole(dice.upTo(0.1)),
  longDelayMs: whole(dice.between(1, 5) * ELECTION_TIMEOUT_MS),
});

/** As within one city. */
const CALM: Weather = { loss: 0, duplication: 0, delayMs: 1, longDelayShare: 0, longDelayMs: 0 };

/** Ways of cutting the network: one way between two nodes, a node alone, a site, two halves. */
function cut(dice: Dice, standings: readonly Standing[]): Fault {
  const forMs = whole(lasting(dice));
  const node = (): Victim => anyNode(dice, standings);
  const site = (): FaultPlace => standings[dice.random.integer(0, standings.length)]?.site ?? 'leader';
  const bothWays = dice.chance(0.6);
  switch (dice.random.integer(0, 4)) {
    case 0:
      return { kind: 'cut', from: [node()], to: [node()], bothWays, forMs };
    case 1:
      return dice.chance(0.5)
        ? { kind: 'cut', from: [node()], to: ['others'], bothWays, forMs }
        : { kind: 'cut', from: ['others'], to: [node()], bothWays, forMs };
    case 2:
      return { kind: 'cut', from: [site()], to: ['others'], bothWays, forMs };
    default:
      return { kind: 'cut', from: [node(), node()], to: ['others'], bothWays, forMs };
  }
}

/** How each kind of fault is drawn, and how many of it a second there are at most. */
const FAULTS: readonly { readonly mostPerSecond: number; readonly draw: Draw }[] = [
  {
    mostPerSecond: 3,
    draw: (dice, standings) => ({
      kind: 'crash',
      node: anyNode(dice, standings),
      when: dice.chance(0.5) ? 'writing' : 'now',
      keptBatches: dice.chance(0.3) ? 1 : 0,
      downMs: whole(dice.chance(0.5) ? dice.between(0, 20) : lasting(dice)),
    }),
  },
  { mostPerSecond: 4, draw: cut },
  {
    mostPerSecond: 1,
    draw: (dice) => ({ kind: 'weather', weather: weather(dice), forMs: whole(lasting(dice)) }),
  },
  {
    mostPerSecond: 3,
    draw: (dice, standings) => ({
      kind: 'pause',
      node: anyNode(dice, standings),
      afterStep: dice.chance(0.5),
      forMs: whole(lasting(dice)),
    }),
  },
  {
    mostPerSecond: 2,
    draw: (dice, standings) => ({
      kind: 'slowDisk',
      node: anyNode(dice, standings),
      writeMs: whole(ORDINARY_WRITE_MS + dice.upTo(1.5 * ELECTION_TIMEOUT_MS)),
      forMs: whole(lasting(dice)),
    }),
  },
  {
    mostPerSecond: 0.7,
    draw: (dice, standings) => ({
      kind: 'diskTrouble',
      node: anyNode(dice, standings),
      trouble: {
        what: dice.pick(['full', 'writeError', 'readError'] as const),
        keepsBatch: dice.chance(0.5),
      },
      forMs: whole(lasting(dice)),
    }),
  },
  {
    mostPerSecond: 1,
    draw: (dice, standings) => ({
      kind: 'wallJump',
      node: anyNode(dice, standings),
      byMs: Math.round(dice.between(-1, 1) * dice.pick([300, 5_000, 86_400_000])),
    }),
  },
  {
    mostPerSecond: 1,
    draw: (dice, standings) => ({
      kind: 'drift',
      node: anyNode(dice, standings),
      rate: rate(dice),
    }),
  },
  {
    mostPerSecond: 4,
    draw: (dice, standings) => ({ kind: 'handOver', node: anyNode(dice, standings) }),
  },
];

/** Clocks err from the start; now and then one is as slow as may be, and all others as fast, as leases fear it most. */
function drawDrifts(dice: Dice, standings: readonly Standing[]): PlannedFault[] {
  const slowest = dice.chance(0.2) ? standings[dice.random.integer(0, standings.length)] : null;
  return standings.map((standing) => {
    const apart = whole(standing === slowest ? 1 - CLOCK_ERROR : 1 + CLOCK_ERROR);
    const fault = {
      kind: 'drift',
      node: standing.node,
      rate: slowest === null ? rate(dice) : apart,
    } as const;
    return { atMs: 0, afterElectionMs: null, fault };
  });
}

function drawFaults(dice: Dice, standings: readonly Standing[]): PlannedFault[] {
  const drifts = drawDrifts(dice, standings);
  const faults = FAULTS.flatMap(({ mostPerSecond, draw }) => {
    const count = Math.round((dice.upTo(mostPerSecond) * FAULTS_MS) / 1_000);
    return Array.from({ length: count }, () => ({
      atMs: whole(dice.random.next() * FAULTS_MS),
      afterElectionMs: null,
      fault: draw(dice, standings),
    }));
  });
  return [...drifts, ...faults, ...drawStorm(dice), ...drawStranded(dice)];
}

export function drawPlan(seed: number): Plan {
  const dice = new Dice(streamsOf(seed)('plan'));
  const size = dice.chance(0.02) ? 1 : dice.chance(0.25) ? 5 : 3;
  const standings = STANDINGS[size];
  // Streams of their own: what they draw changes nothing else.
  const lostDisks = drawLostDisks(new Dice(streamsOf(seed)('lost disks')), standings);
  const newsDice = new Dice(streamsOf(seed)('late news'));
  const news = drawLateNews(newsDice, standings);
  const plan = drawOrdinary(seed, dice, size);
  const others = news.isQuiet ? drawDrifts(newsDice, standings) : [...plan.faults, ...lostDisks];
  return {
    ...plan,
    weather: news.isQuiet ? CALM : plan.weather,
    faults: [...others, ...news.faults].sort((one, other) => one.atMs - other.atMs),
  };
}

function drawOrdinary(seed: number, dice: Dice, size: TierSize): Plan {
  return {
    seed,
    size,
    timing: {
      electionTimeoutMs: ELECTION_TIMEOUT_MS,
      heartbeatIntervalMs: ELECTION_TIMEOUT_MS / 5,
      clockDriftRatio: DRIFT,
      requestTimeoutMs: 3 * ELECTION_TIMEOUT_MS,
      probeIntervalMs: ELECTION_TIMEOUT_MS,
      entriesBeforeSnapshot: dice.random.integer(6, 30),
      limits: {
        entriesPerAppend: dice.chance(0.3) ? 1 : dice.random.integer(1, 6),
        entriesWorthAWrite: dice.random.integer(1, 5),
        bytesPerAppend: dice.random.integer(60, 400),
        appendsInFlight: dice.random.integer(1, 6),
        snapshotChunkBytes: dice.random.integer(150, 1_500),
        entriesKeptBehindSnapshot: dice.random.integer(0, 5),
        entriesPerApply: dice.random.integer(1, 9),
        roundsRemembered: dice.random.integer(16, 128),
        uncommittedBytes: dice.chance(0.2) ? dice.random.integer(200, 1_000) : 1_000_000,
      },
    },
    tickIntervalMs: 10,
    weather: dice.chance(0.2) ? CALM : weather(dice),
    clients: {
      clients: dice.random.integer(2, 10),
      keys: dice.chance(0.4) ? 1 : dice.random.integer(1, 5),
      thinkMs: whole(dice.between(5, 80)),
      patienceMs: whole(dice.between(0.3, 4) * ELECTION_TIMEOUT_MS),
    },
    faultsMs: FAULTS_MS,
    faults: drawFaults(dice, STANDINGS[size]),
  };
}
