/**
 * The course of a life, drawn before it begins: how large the tier is and how it is set, and which faults strike when.
 * A plan is a plain value; what it leaves open (delays, elections, what clients do) follows from its seed.
 */
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { ORDINARY_WRITE_MS } from '../world/disk-writer.ts';
import type { Fault, FaultPlace, Victim } from '../world/faults.ts';
import type { Weather } from '../world/network.ts';
import type { TierTiming } from '../world/node-options.ts';
import { STANDINGS, type Standing, type TierSize } from '../world/places.ts';
import { streamsOf } from '../world/streams.ts';
import type { ClientHabits } from './key-value-clients.ts';

export type PlannedFault = {
  readonly atMs: number;
  /** Null: it strikes at once. Otherwise it waits for the next election, and strikes so long after it. */
  readonly afterElectionMs: number | null;
  readonly fault: Fault;
};

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

const ELECTION_TIMEOUT_MS = 200;
const DRIFT = 0.1;
/** Each clock errs by less than half the drift between two of them. */
const CLOCK_ERROR = DRIFT * 0.49;
const FAULTS_MS = 20 * ELECTION_TIMEOUT_MS;

/** Draws, mostly little and now and then a lot. */
class Dice {
  readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  upTo(most: number): number {
    return this.random.next() < 0.3 ? 0 : this.random.next() ** 2 * most;
  }

  between(low: number, high: number): number {
    return low + this.random.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.random.integer(0, items.length)] ?? items[0];
  }
}

const whole = (value: number): number => Math.round(value * 1_000) / 1_000;

/** The bounds themselves as often as anything between them. */
const rate = (dice: Dice): number =>
  whole(1 + CLOCK_ERROR * (dice.chance(0.5) ? dice.pick([-1, 1] as const) : dice.between(-1, 1)));

type Draw = (dice: Dice, standings: readonly Standing[]) => Fault;

const anyNode = (dice: Dice, standings: readonly Standing[]): Victim =>
  dice.chance(0.4) ? 'leader' : (standings[dice.random.integer(0, standings.length)]?.node ?? 'leader');

const lasting = (dice: Dice): number => dice.between(0.05, dice.chance(0.2) ? 8 : 2) * ELECTION_TIMEOUT_MS;

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

type LeaderFault = (dice: Dice) => Fault;

const crashOfLeader: LeaderFault = (dice) => ({
  kind: 'crash',
  node: 'leader',
  when: dice.chance(0.5) ? 'writing' : 'now',
  keptBatches: dice.chance(0.7) ? 1 : 0,
  downMs: whole(dice.between(0, 2.5) * ELECTION_TIMEOUT_MS),
});

const cutOfLeader: LeaderFault = (dice) => ({
  kind: 'cut',
  from: ['leader'],
  to: ['others'],
  bothWays: dice.chance(0.5),
  forMs: whole(dice.between(0.2, 4) * ELECTION_TIMEOUT_MS),
});

/** Long enough for the next leader, and over while that one is cut off: entries of three terms meet. */
const splitOfLeader: LeaderFault = (dice) => ({
  kind: 'cut',
  from: ['leader'],
  to: ['others'],
  bothWays: true,
  forMs: whole(dice.between(1.2, 4) * ELECTION_TIMEOUT_MS),
});

/** What befalls somebody who has just begun to lead; such faults make chains of leaders that leave little behind. */
function drawStorm(dice: Dice): PlannedFault[] {
  if (!dice.chance(0.35)) return [];
  const isSplitting = dice.chance(0.5);
  return Array.from({ length: dice.random.integer(3, 16) }, () => {
    const draw = isSplitting ? splitOfLeader : dice.chance(0.5) ? crashOfLeader : cutOfLeader;
    return {
      atMs: whole(dice.random.next() * FAULTS_MS * (isSplitting ? 0.3 : 1)),
      afterElectionMs: whole(dice.chance(0.3) ? 0 : dice.upTo(dice.chance(0.6) ? 40 : 150)),
      fault: draw(dice),
    };
  });
}

/**
 * A leader stands still and is cut off a moment later; when it goes on, it finds answers of long ago, and nothing of
 * the leader that was elected meanwhile.
 */
function drawStranded(dice: Dice): PlannedFault[] {
  if (!dice.chance(0.35)) return [];
  return Array.from({ length: dice.random.integer(1, 5) }, () => {
    const atMs = whole(dice.random.next() * FAULTS_MS);
    const standsStillMs = whole(dice.between(1.2, 4) * ELECTION_TIMEOUT_MS);
    const pause = {
      kind: 'pause',
      node: 'leader',
      afterStep: dice.chance(0.3),
      forMs: standsStillMs,
    } as const;
    const cut = {
      kind: 'cut',
      from: ['others'],
      to: ['leader'],
      bothWays: dice.chance(0.5),
      forMs: whole(standsStillMs + dice.between(-0.1, 1) * ELECTION_TIMEOUT_MS),
    } as const;
    return [
      { atMs, afterElectionMs: null, fault: pause },
      { atMs: whole(atMs + dice.between(0, 0.25) * ELECTION_TIMEOUT_MS), afterElectionMs: null, fault: cut },
    ];
  }).flat();
}

/**
 * Disks that are lost for good, from a stream of their own so that no other plan changes. Often another node is cut off, or
 * falls, while the victim waits: it must then keep silent, since the rest has no majority without it.
 */
function drawLostDisks(dice: Dice, standings: readonly Standing[]): PlannedFault[] {
  if (standings.length === 1 || !dice.chance(0.35)) return [];
  return Array.from({ length: dice.chance(0.6) ? 1 : dice.random.integer(2, 5) }, () => {
    // Late ones leave the leader in place that knew the node before.
    const atMs = whole(dice.between(dice.chance(0.4) ? 0.85 : 0.05, 1) * FAULTS_MS);
    const victim = dice.random.integer(0, standings.length);
    const node = dice.chance(0.2) ? 'leader' : (standings[victim]?.node ?? 'leader');
    const downMs = whole(dice.chance(0.5) ? dice.between(0, 20) : lasting(dice));
    const loss: PlannedFault = {
      atMs,
      afterElectionMs: null,
      fault: { kind: 'loseDisk', node, isSaid: dice.chance(0.7), downMs },
    };
    if (dice.chance(0.4)) return [loss];
    const other = standings[(victim + dice.random.integer(1, standings.length)) % standings.length]?.node;
    const trouble: Fault = dice.chance(0.7)
      ? {
          kind: 'cut',
          from: [other ?? 'leader'],
          to: ['others'],
          bothWays: dice.chance(0.7),
          forMs: whole(lasting(dice)),
        }
      : { kind: 'crash', node: other ?? 'leader', when: 'now', keptBatches: 0, downMs: whole(lasting(dice)) };
    return [
      loss,
      { atMs: whole(atMs + dice.upTo(0.5 * ELECTION_TIMEOUT_MS)), afterElectionMs: null, fault: trouble },
    ];
  }).flat();
}

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

function drawFaults(dice: Dice, apart: Dice, standings: readonly Standing[]): PlannedFault[] {
  const faults = FAULTS.flatMap(({ mostPerSecond, draw }) => {
    const count = Math.round((dice.upTo(mostPerSecond) * FAULTS_MS) / 1_000);
    return Array.from({ length: count }, () => ({
      atMs: whole(dice.random.next() * FAULTS_MS),
      afterElectionMs: null,
      fault: draw(dice, standings),
    }));
  });
  return [
    ...drawDrifts(dice, standings),
    ...[...faults, ...drawStorm(dice), ...drawStranded(dice), ...drawLostDisks(apart, standings)].sort(
      (one, other) => one.atMs - other.atMs,
    ),
  ];
}

export function drawPlan(seed: number): Plan {
  const dice = new Dice(streamsOf(seed)('plan'));
  const size = dice.chance(0.02) ? 1 : dice.chance(0.25) ? 5 : 3;
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
    faults: drawFaults(dice, new Dice(streamsOf(seed)('lost disks')), STANDINGS[size]),
  };
}
