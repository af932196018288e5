/** Courses that are drawn on purpose, since chance alone hardly ever makes them of single faults. */
import type { Fault } from '../world/faults.ts';
import type { Standing } from '../world/places.ts';
import { type Dice, ELECTION_TIMEOUT_MS, FAULTS_MS, lasting, whole } from './dice.ts';

export type PlannedFault = {
  readonly atMs: number;
  /** Null: it strikes at once. Otherwise it waits for the next election, and strikes so long after it. */
  readonly afterElectionMs: number | null;
  readonly fault: Fault;
};

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
export function drawStorm(dice: Dice): PlannedFault[] {
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
export function drawStranded(dice: Dice): PlannedFault[] {
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
export function drawLostDisks(dice: Dice, standings: readonly Standing[]): PlannedFault[] {
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

const strikesAt = (atMs: number, fault: Fault, afterElectionMs: number | null = null): PlannedFault => ({
  atMs: whole(atMs),
  afterElectionMs: afterElectionMs === null ? null : whole(afterElectionMs),
  fault,
});

/** The word to campaign is on its way for so long that whoever gets it has given its leader up, and hears no other. */
function drawLateWord(dice: Dice, [leader, heir, ...rest]: readonly Standing[]): PlannedFault[] {
  if (leader === undefined || heir === undefined) return [];
  const atMs = dice.random.next() * FAULTS_MS;
  const byMs = whole(dice.between(0.8, 2.5) * ELECTION_TIMEOUT_MS);
  // Where only the word is slow, its sender may lead again before it arrives.
  const forMs = whole(dice.chance(0.5) ? dice.between(10, 60) : dice.between(2, 4) * ELECTION_TIMEOUT_MS);
  const from = [heir.node];
  return [
    strikesAt(atMs, { kind: 'cut', from, to: rest.map(({ node }) => node), bothWays: true, forMs }),
    strikesAt(atMs, { kind: 'slowWay', from: [leader.node], to: from, byMs, forMs }),
    strikesAt(atMs + dice.between(0, 10), { kind: 'handOver', node: leader.node }),
  ];
}

/**
 * One node answers late, and leadership goes from another to a third and back, long enough each time for answers, and
 * short enough that they arrive while the same one leads again, which nobody else answers by then.
 */
function drawLateAnswers(dice: Dice, [late, one, other]: readonly Standing[]): PlannedFault[] {
  if (late === undefined || one === undefined || other === undefined) return [];
  const atMs = dice.random.next() * 0.8 * FAULTS_MS;
  const byMs = whole(dice.between(1.05, 2) * ELECTION_TIMEOUT_MS);
  const faults: PlannedFault[] = [];
  let nextMs = atMs;
  for (const reignMs of [20, 20, 100, 20]) {
    nextMs += dice.between(0.6, 1.8) * reignMs;
    faults.push(strikesAt(nextMs, { kind: 'handOver', node: 'leader' }));
  }
  const forMs = whole(nextMs - atMs + 3 * ELECTION_TIMEOUT_MS);
  const slowWay = { kind: 'slowWay', from: [late.node], to: ['others'], byMs, forMs } as const;
  const cutMs = nextMs + dice.between(6, 50);
  for (const { node } of [one, other]) {
    const cut = { kind: 'cut', from: ['leader'], to: [node], bothWays: true, forMs } as const;
    faults.push(strikesAt(cutMs, cut));
  }
  return [strikesAt(atMs, slowWay), ...faults];
}

/**
 * News of an earlier term that arrive in a later one, as chance alone hardly ever brings them about. A quiet life has no
 * other faults: they need an order of events that most others would spoil.
 */
export function drawLateNews(
  dice: Dice,
  standings: readonly Standing[],
): { readonly faults: readonly PlannedFault[]; readonly isQuiet: boolean } {
  if (standings.length === 1 || !dice.chance(0.25)) return { faults: [], isQuiet: false };
  const isQuiet = dice.chance(0.5);
  const [draw, most] = dice.chance(0.5) ? ([drawLateWord, 9] as const) : ([drawLateAnswers, 4] as const);
  const faults = Array.from({ length: dice.random.integer(1, most) }, () => {
    const order = standings.map((standing) => ({ standing, turn: dice.random.next() }));
    order.sort((one, other) => one.turn - other.turn);
    return draw(
      dice,
      order.map(({ standing }) => standing),
    );
  }).flat();
  return { faults, isQuiet };
}
