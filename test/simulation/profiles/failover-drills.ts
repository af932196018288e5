/**
 * What operators do to whole IDCs, in some lives on top of all else and out of dice of its own, so that a seed keeps the
 * rest of its plan: they evacuate, abort and return, and let masters come back by themselves, while servers die in between.
 */
import type { BrokerFault, Moment, PlannedStrike } from '../brokers/broker-plan.ts';
import { type Dice, whole } from './dice.ts';

const SHARE_OF_LIVES = 0.35;
const IDCS: readonly [string, ...string[]] = ['idc-a', 'idc-b'];

const at = (
  atMs: number,
  brokers: BrokerFault,
  after: { readonly moment: Moment; readonly delayMs: number } | null = null,
): PlannedStrike => ({
  atMs: whole(atMs),
  after: after === null ? null : { moment: after.moment, delayMs: whole(after.delayMs) },
  strike: { brokers },
});

function begin(dice: Dice, idc: string, atMs: number): PlannedStrike[] {
  const evacuation = { kind: 'evacuate', idc, parallel: dice.random.integer(1, 3) } as const;
  // Whoever is asked first may not lead, or not answer.
  return [0, 40, 300].map((afterMs) => at(atMs + afterMs, evacuation));
}

/** An abort that comes while the group is held, fenced or promoting, or much too late. */
const abort = (dice: Dice, idc: string, atMs: number): PlannedStrike =>
  dice.chance(0.5)
    ? at(
        atMs,
        { kind: 'abortDrill', idc },
        { moment: dice.pick(['group.fence', 'group.promote']), delayMs: dice.upTo(6) },
      )
    : at(atMs + dice.upTo(600), { kind: 'abortDrill', idc });

const home = (dice: Dice, idc: string, atMs: number): PlannedStrike[] =>
  [0, 500, 1_500].map((afterMs) =>
    at(atMs + afterMs, { kind: 'returnTo', idc, healthyMs: whole(dice.upTo(1_500)) }),
  );

/** `latestMs`: by then what is drawn has begun. */
export function drawDrills(dice: Dice, latestMs: number): readonly PlannedStrike[] {
  if (!dice.chance(SHARE_OF_LIVES)) return [];
  const idc = dice.chance(0.8) ? IDCS[0] : dice.pick(IDCS);
  const atMs = dice.random.next() * latestMs;
  const strikes = begin(dice, idc, atMs);
  if (dice.chance(0.4)) strikes.push(abort(dice, idc, atMs));
  if (dice.chance(0.4))
    strikes.push(at(atMs, { kind: 'lagReplica', victim: 'member', forMs: whole(dice.upTo(2_500)) }));
  if (dice.chance(0.4)) {
    const after = {
      moment: dice.pick(['group.fence', 'group.promote', 'group.activate'] as const),
      delayMs: dice.upTo(20),
    };
    const victim = dice.pick(['master', 'candidate', 'member'] as const);
    strikes.push(at(atMs, { kind: 'killServer', victim, downMs: whole(dice.between(5, 2_500)) }, after));
  }
  if (dice.chance(0.3)) {
    const crash = { kind: 'handOver', node: 'leader' } as const;
    strikes.push({ atMs: whole(atMs + dice.upTo(400)), after: null, strike: { world: crash } });
  }
  if (dice.chance(0.6)) strikes.push(...home(dice, idc, atMs + dice.between(500, 2_500)));
  if (dice.chance(0.3)) {
    const returnAfterMs = dice.chance(0.7) ? Math.round(dice.between(1_000, 3_000)) : null;
    strikes.push(at(atMs, { kind: 'preferIdc', idc: dice.pick(IDCS), returnAfterMs }));
  }
  return strikes;
}
