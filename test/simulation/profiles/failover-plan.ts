/** The course of a life with brokers, drawn before it begins. */
import type { WritePolicy } from '../../../src/core/metadata/state.ts';
import type { OnShortage } from '../../../src/core/metadata/state-parts.ts';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import type {
  BrokerFault,
  BrokerPlan,
  GroupPlan,
  Moment,
  PlannedStrike,
  ServerPlan,
  Victim,
} from '../brokers/broker-plan.ts';
import type { Fault } from '../world/faults.ts';
import type { Weather } from '../world/network.ts';
import type { TierTiming } from '../world/node-options.ts';
import { streamsOf } from '../world/streams.ts';
import { Dice, whole } from './dice.ts';
import { drawDrills } from './failover-drills.ts';
import { drawHands } from './failover-hands.ts';

export type FailoverPlan = {
  readonly seed: number;
  readonly timing: TierTiming;
  readonly tickIntervalMs: number;
  readonly weather: Weather;
  readonly brokers: BrokerPlan;
  /** How long faults may strike, once all groups were taken on. */
  readonly faultsMs: number;
  readonly faults: readonly PlannedStrike[];
};

const ELECTION_TIMEOUT_MS = 300;
const FAULTS_MS = 9_000;
const MOST_STRIKES = 14;
const PROMISES: readonly [WritePolicy, ...WritePolicy[]] = ['any-one', 'majority', 'cross-idc', 'all'];
const SHORTAGES: readonly [OnShortage, ...OnShortage[]] = ['block', 'degrade'];
const VICTIMS: readonly [Victim, ...Victim[]] = ['master', 'master', 'member', 'candidate', 'anyServer'];
const MOMENTS: readonly [Moment, ...Moment[]] = [
  'group.fence',
  'group.promote',
  'group.activate',
  'group.changeSyncSet',
];

const server = (id: string, site: string): ServerPlan => ({ id, site });
const LAYOUTS: readonly [readonly ServerPlan[], ...(readonly ServerPlan[])[]] = [
  [server('m', 'idc-a'), server('a2', 'idc-a'), server('b1', 'idc-b')],
  [server('m', 'idc-a'), server('a2', 'idc-a'), server('b1', 'idc-b'), server('b2', 'idc-b')],
  [server('m', 'idc-a'), server('b1', 'idc-b'), server('b2', 'idc-b')],
];

const lasting = (dice: Dice): number => whole(dice.between(20, dice.chance(0.3) ? 5_000 : 1_500));

/** Seconds; 0 is none. Short ones, so that isolation outlasts them within a life. */
const TIME_FENCES: readonly [number, ...number[]] = [1, 1, 2, 3, 0];

const drawDetectionMs = (dice: Dice): number => dice.random.integer(500, 900);
/** None, or one that outlasts the next fault, or all of them. */
const drawCooldownMs = (dice: Dice): number =>
  dice.chance(0.5) ? 0 : dice.random.integer(500, dice.chance(0.3) ? 20_000 : 4_000);

function drawGroup(dice: Dice, fences: Dice, name: string): GroupPlan {
  return {
    name,
    servers: dice.pick(LAYOUTS).map(({ id, site }) => server(`${name}-${id}`, site)),
    policy: dice.chance(0.08) ? 'async' : dice.pick(PROMISES),
    onShortage: dice.pick(SHORTAGES),
    timeFenceSeconds: fences.pick(TIME_FENCES),
    detectionMs: drawDetectionMs(dice),
    cooldownMs: drawCooldownMs(dice),
    persistence: dice.pick(['none', 'none', 'rdb', 'rdb', 'aof'] as const),
    beginning: dice.chance(0.3) ? 'running' : 'prepared',
  };
}

const NODES: readonly [string, ...string[]] = ['pollux-a', 'pollux-b', 'pollux-w'];
const IDCS: readonly [string, ...string[]] = ['idc-a', 'idc-b'];
const otherIdc = (idc: string): string => (idc === 'idc-a' ? 'idc-b' : 'idc-a');

function drawBrokerCut(dice: Dice): BrokerFault {
  const idc = dice.pick(IDCS);
  const traffic = dice.pick(['steering', 'replication', 'replication', 'clients'] as const);
  const from = traffic === 'steering' ? dice.pick(NODES) : idc;
  const to = traffic === 'steering' ? idc : otherIdc(idc);
  return { kind: 'cutBrokers', traffic, from, to, bothWays: dice.chance(0.7), forMs: lasting(dice) };
}

type Draw = (
  dice: Dice,
  hasPromise: boolean,
) => { readonly brokers: BrokerFault } | { readonly world: Fault };

const DRAWS: readonly { readonly weight: number; readonly draw: Draw }[] = [
  {
    weight: 5,
    draw: (dice) => ({
      brokers: {
        kind: 'killServer',
        victim: dice.pick(VICTIMS),
        downMs: dice.chance(0.4) ? whole(dice.between(1, 60)) : lasting(dice),
      },
    }),
  },
  {
    weight: 3,
    draw: (dice) => ({ brokers: { kind: 'stopServer', victim: dice.pick(VICTIMS), forMs: lasting(dice) } }),
  },
  { weight: 5, draw: (dice) => ({ brokers: drawBrokerCut(dice) }) },
  {
    weight: 4,
    draw: (dice) => ({ brokers: { kind: 'lagReplica', victim: dice.pick(VICTIMS), forMs: lasting(dice) } }),
  },
  {
    weight: 1,
    draw: (dice) => ({
      brokers: { kind: 'attachByHand', victim: dice.pick(VICTIMS), to: dice.pick(VICTIMS) },
    }),
  },
  {
    weight: 2,
    draw: (dice) => ({ brokers: { kind: 'switchover', to: dice.chance(0.5) ? null : dice.pick(VICTIMS) } }),
  },
  {
    weight: 1.5,
    draw: (dice) => ({
      brokers: {
        kind: 'failover',
        to: dice.chance(0.5) ? null : dice.pick(VICTIMS),
        unsafe: dice.chance(0.1),
      },
    }),
  },
  {
    weight: 1,
    draw: (dice, hasPromise) => ({
      brokers: {
        kind: 'setPolicy',
        policy: hasPromise ? dice.pick(PROMISES) : 'async',
        onShortage: dice.pick(SHORTAGES),
      },
    }),
  },
  {
    weight: 0.7,
    draw: (dice) => ({
      brokers: {
        kind: 'setTimes',
        detectionMs: drawDetectionMs(dice),
        cooldownMs: drawCooldownMs(dice),
      },
    }),
  },
  { weight: 0.4, draw: () => ({ brokers: { kind: 'acknowledge' } }) },
  {
    weight: 0.8,
    draw: (dice) => ({
      brokers: {
        kind: 'stopAutomatic',
        where: dice.pick(['group', ...IDCS] as const),
        expires: dice.chance(0.5),
        forMs: lasting(dice),
      },
    }),
  },
  { weight: 4, draw: (dice) => ({ world: drawNodeFault(dice) }) },
];

function drawNodeFault(dice: Dice): Fault {
  switch (dice.random.integer(0, 6)) {
    case 0:
    case 1:
      return {
        kind: 'crash',
        node: 'leader',
        when: dice.chance(0.5) ? 'writing' : 'now',
        keptBatches: dice.chance(0.5) ? 1 : 0,
        downMs: lasting(dice),
      };
    case 2:
      return { kind: 'pause', node: 'leader', afterStep: dice.chance(0.6), forMs: lasting(dice) };
    case 3:
      return {
        kind: 'cut',
        from: ['leader'],
        to: ['others'],
        bothWays: dice.chance(0.6),
        forMs: lasting(dice),
      };
    case 4:
      return {
        kind: 'cut',
        from: [siteName(dice.pick(IDCS))],
        to: ['others'],
        bothWays: dice.chance(0.8),
        forMs: lasting(dice),
      };
    default:
      return { kind: 'handOver', node: 'leader' };
  }
}

function drawStrike(dice: Dice, hasPromise: boolean): PlannedStrike {
  const total = DRAWS.reduce((sum, { weight }) => sum + weight, 0);
  let left = dice.random.next() * total;
  const chosen = DRAWS.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const strike = (chosen ?? DRAWS[0])?.draw(dice, hasPromise) ?? { brokers: drawBrokerCut(dice) };
  return {
    atMs: whole(dice.random.next() * FAULTS_MS),
    after: dice.chance(0.35) ? { moment: dice.pick(MOMENTS), delayMs: whole(dice.upTo(60)) } : null,
    strike,
  };
}

type Ambush = (dice: Dice, atMs: number) => readonly PlannedStrike[];

const at = (atMs: number, brokers: BrokerFault): PlannedStrike => ({
  atMs: whole(atMs),
  after: null,
  strike: { brokers },
});

const kill = (victim: Victim, downMs: number): BrokerFault => ({
  kind: 'killServer',
  victim,
  downMs: whole(downMs),
});

/** Faults that are worse together: what single ones leave to chance. */
const AMBUSHES: readonly [Ambush, ...Ambush[]] = [
  // Some lag behind when the master dies.
  (dice, atMs) => [
    at(atMs, { kind: 'lagReplica', victim: 'nearMember', forMs: 1_500 }),
    at(atMs, { kind: 'lagReplica', victim: 'farMember', forMs: dice.chance(0.5) ? 1_500 : 1 }),
    at(atMs + dice.between(100, 900), kill('master', dice.chance(0.5) ? 20 : 3_000)),
  ],
  // The only one that keeps up is restarted, and the master goes with what nobody else has.
  (dice, atMs) => {
    const goneMs = atMs + dice.between(200, 700);
    return [
      ...[0, 1, 2].map((again) =>
        at(atMs + again, { kind: 'lagReplica', victim: 'farMember', forMs: 2_500 }),
      ),
      at(goneMs, kill('nearMember', dice.chance(0.8) ? 12 : 2_500)),
      at(goneMs + dice.between(0, 300), kill('master', dice.chance(0.2) ? 20 : 2_500)),
    ];
  },
  // The candidate is another process when it is to be promoted.
  (dice, atMs) => [
    at(atMs, kill('master', 2_000)),
    {
      atMs: whole(atMs),
      after: { moment: 'group.promote', delayMs: whole(dice.between(0, 5)) },
      strike: { brokers: kill('candidate', dice.between(1, 60)) },
    },
  ],
  // Whoever alone kept up is taken out of the set, and the master goes before the others have caught up.
  (dice, atMs) => [
    ...[0, 1, 2].map((again) => at(atMs + again, { kind: 'lagReplica', victim: 'farMember', forMs: 4_000 })),
    at(atMs + 300, kill('nearMember', dice.chance(0.6) ? 15 : 6_000)),
    {
      atMs: whole(atMs + 300),
      after: { moment: 'group.changeSyncSet', delayMs: whole(dice.between(2, 60)) },
      strike: { brokers: kill('master', 2_500) },
    },
  ],
  // A network that flaps, as far as anybody can see: masters fall silent one after the other, and are heard again.
  (dice, atMs) => [
    at(atMs, { kind: 'setTimes', detectionMs: 600, cooldownMs: dice.chance(0.7) ? 8_000 : 0 }),
    at(atMs + 100, { kind: 'stopServer', victim: 'master', forMs: 3_000 }),
    {
      atMs: whole(atMs + 100),
      after: { moment: 'group.activate', delayMs: whole(dice.between(100, 1_500)) },
      strike: { brokers: { kind: 'stopServer', victim: 'master', forMs: whole(dice.between(2_000, 4_000)) } },
    },
    ...(dice.chance(0.3) ? [at(atMs + 4_500, { kind: 'acknowledge' })] : []),
  ],
  // One that has just been elected stands still before its first deed, and does it when another one steers.
  (dice, atMs) => [
    at(atMs, kill('master', dice.between(500, 2_500))),
    {
      atMs: whole(atMs),
      after: { moment: 'group.fence', delayMs: whole(dice.upTo(5)) },
      strike: { world: { kind: 'handOver', node: 'leader' } },
    },
    {
      atMs: whole(atMs),
      after: { moment: 'election', delayMs: whole(dice.upTo(12)) },
      strike: {
        world: { kind: 'pause', node: 'leader', afterStep: true, forMs: whole(dice.between(700, 2_500)) },
      },
    },
  ],
  // A leader stands still between a decision and what it does about it, and goes on when another one has taken over.
  (dice, atMs) => [
    at(atMs, kill('master', dice.between(500, 2_500))),
    {
      atMs: whole(atMs),
      after: { moment: dice.pick(MOMENTS), delayMs: whole(dice.upTo(8)) },
      strike: {
        world: {
          kind: 'pause',
          node: 'leader',
          afterStep: dice.chance(0.7),
          forMs: whole(dice.between(400, 2_500)),
        },
      },
    },
  ],
];

export function drawFailoverPlan(seed: number): FailoverPlan {
  const dice = new Dice(streamsOf(seed)('failover plan'));
  const fences = new Dice(streamsOf(seed)('time fences'));
  const groups = [drawGroup(dice, fences, 'orders')];
  if (dice.chance(0.2)) groups.push(drawGroup(dice, fences, 'invoices'));
  const hasPromise = groups.every(({ policy }) => policy !== 'async');
  const strikes = Array.from({ length: 1 + Math.round(dice.random.next() * MOST_STRIKES) }, () =>
    drawStrike(dice, hasPromise),
  );
  const ambushes = dice.random.integer(0, 4);
  for (let ambush = 0; ambush < ambushes; ambush += 1)
    strikes.push(...dice.pick(AMBUSHES)(dice, dice.random.next() * (FAULTS_MS - 1_500)));
  if (fences.chance(0.3))
    strikes.push(
      at(fences.random.next() * FAULTS_MS, {
        kind: 'setByHand',
        victim: fences.pick(VICTIMS),
        setting: 'repl-backlog-ttl',
        value: '3600',
      }),
    );
  if (fences.chance(0.2))
    strikes.push(
      at(fences.random.next() * FAULTS_MS, {
        kind: 'setTimeFence',
        timeFenceSeconds: fences.pick([1, 2, 3]),
      }),
    );
  const hands = new Dice(streamsOf(seed)('hands'));
  strikes.push(...drawHands(hands, FAULTS_MS - 2_500, hasPromise));
  strikes.push(...drawDrills(new Dice(streamsOf(seed)('drills')), FAULTS_MS - 4_000));
  return {
    seed,
    timing: {
      electionTimeoutMs: ELECTION_TIMEOUT_MS,
      heartbeatIntervalMs: ELECTION_TIMEOUT_MS / 5,
      clockDriftRatio: 0.05,
      requestTimeoutMs: 2_000,
      probeIntervalMs: 200,
      entriesBeforeSnapshot: dice.chance(0.3) ? dice.random.integer(10, 60) : 5_000,
      limits: {
        entriesPerAppend: dice.random.integer(1, 64),
        entriesWorthAWrite: dice.random.integer(1, 17),
        bytesPerAppend: 64 * 1024,
        appendsInFlight: dice.random.integer(1, 16),
        snapshotChunkBytes: 16 * 1024,
        entriesKeptBehindSnapshot: dice.random.integer(0, 20),
        entriesPerApply: dice.random.integer(1, 64),
        roundsRemembered: 256,
        uncommittedBytes: 1_000_000,
      },
    },
    tickIntervalMs: 20,
    weather: {
      loss: 0,
      duplication: 0,
      delayMs: whole(1 + dice.upTo(12)),
      longDelayShare: 0,
      longDelayMs: 0,
    },
    brokers: {
      groups,
      transferMs: whole(1 + dice.upTo(1_500)),
      loadMs: whole(1 + dice.upTo(300)),
      backlogBytes: dice.chance(0.3) ? 4_096 : 1_048_576,
      lateShare: dice.chance(0.5) ? 0 : whole(dice.random.next() * 0.004),
      lateMs: 3_000,
      witnessReaches: dice.chance(0.7),
      probeIntervalMs: 200,
      producers: dice.random.integer(1, 4),
      naiveWriters: dice.random.integer(0, 2),
      thinkMs: whole(dice.between(60, 300)),
      waitMs: 600,
    },
    faultsMs: FAULTS_MS,
    faults: strikes.sort((one, other) => one.atMs - other.atMs),
  };
}
