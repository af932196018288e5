/**
 * Faults that some lives get on top of all others, out of dice of their own, so that a seed keeps the rest of its plan:
 * what somebody does to servers past pollux, doors that are shut for whoever is new, and restarts that come at the instant
 * at which they are worst.
 */
import type { WritePolicy } from '../../../src/core/metadata/state.ts';
import type { OnShortage } from '../../../src/core/metadata/state-parts.ts';
import type { BrokerFault, Moment, PlannedStrike, Role } from '../brokers/broker-plan.ts';
import { type Dice, whole } from './dice.ts';

const SHARE_OF_LIVES = 0.35;
const MOST_AT_ONCE = 3;
const PROMISES: readonly [WritePolicy, ...WritePolicy[]] = ['any-one', 'majority', 'cross-idc', 'all'];
const SHORTAGES: readonly [OnShortage, ...OnShortage[]] = ['block', 'degrade'];

type Draw = (dice: Dice, atMs: number, hasPromise: boolean) => readonly PlannedStrike[];

const at = (
  atMs: number,
  brokers: BrokerFault,
  after: { readonly moment: Moment; readonly delayMs: number } | null = null,
): PlannedStrike => ({
  atMs: whole(atMs),
  after: after === null ? null : { moment: after.moment, delayMs: whole(after.delayMs) },
  strike: { brokers },
});

const kill = (victim: Role, downMs: number): BrokerFault => ({
  kind: 'killServer',
  victim,
  downMs: whole(downMs),
});

const lag = (victim: Role, forMs: number): BrokerFault => ({
  kind: 'lagReplica',
  victim,
  forMs: whole(forMs),
});

const DRAWS: readonly [Draw, ...Draw[]] = [
  // The master steps down by itself, for a successor that nobody has committed.
  (dice, atMs) => [
    at(atMs, {
      kind: 'failoverByHand',
      victim: dice.chance(0.8) ? 'master' : 'anyServer',
      to: dice.pick(['member', 'member', 'anyServer'] as const),
      force: dice.chance(0.4),
      timeoutMs: whole(dice.between(100, 1_500)),
    }),
    ...(dice.chance(0.4) ? [at(atMs + dice.between(0, 900), lag('member', dice.between(100, 2_000)))] : []),
  ],
  // Nobody new gets in, and some of those who were in lose their connections.
  (dice, atMs) => {
    const forMs = dice.between(500, 5_000);
    const by = dice.pick(['bind', 'maxclients'] as const);
    return [
      at(atMs, { kind: 'refuseFresh', victim: dice.chance(0.8) ? 'master' : 'anyServer', by, forMs }),
      ...(dice.chance(0.5) ? [at(atMs + dice.between(50, forMs), kill('member', dice.between(5, 300)))] : []),
      ...(dice.chance(0.3)
        ? [at(atMs + dice.between(50, forMs), { kind: 'switchover', to: null } as const)]
        : []),
    ];
  },
  // A node, maybe the one that leads, reaches no server any more, and all others do.
  (dice, atMs) => {
    const from = dice.pick(['pollux-a', 'pollux-b'] as const);
    const forMs = whole(dice.between(700, 4_000));
    return (['idc-a', 'idc-b'] as const).map((to) =>
      at(atMs, { kind: 'cutBrokers', traffic: 'steering', from, to, bothWays: dice.chance(0.7), forMs }),
    );
  },
  // Somebody attaches a server that has been fenced and was not told yet whom to follow.
  (dice, atMs) => [
    at(
      atMs,
      { kind: 'attachByHand', victim: dice.pick(['member', 'anyServer'] as const), to: 'candidate' },
      {
        moment: dice.pick(['group.promote', 'group.changeSyncSet'] as const),
        delayMs: dice.upTo(dice.chance(0.5) ? 8 : 400),
      },
    ),
    at(atMs, kill(dice.pick(['master', 'member'] as const), dice.between(5, 2_000))),
  ],
  // A server dies while it, or another one, loads everything, or right after that.
  (dice, atMs) => [
    at(atMs, kill('member', 15)),
    at(
      atMs,
      kill(dice.pick(['master', 'master', 'member'] as const), dice.chance(0.5) ? 15 : 2_500),
      dice.chance(0.6)
        ? { moment: 'server.resynced', delayMs: dice.upTo(dice.chance(0.5) ? 30 : 250) }
        : { moment: 'server.resyncs', delayMs: dice.upTo(900) },
    ),
  ],
  // Rules pile up while nobody catches up, and then a member is another process.
  (dice, atMs, hasPromise) => [
    ...[0, 1, 2].flatMap((again) => [
      at(atMs + again, lag('nearMember', 4_000)),
      at(atMs + again, lag('farMember', 4_000)),
    ]),
    ...[300, 600, 900, 1_200, 1_500].map((afterMs) =>
      at(atMs + afterMs, {
        kind: 'setPolicy',
        policy: hasPromise ? dice.pick(PROMISES) : 'async',
        onShortage: dice.pick(SHORTAGES),
      }),
    ),
    at(atMs + 2_000, kill('member', dice.between(5, 200))),
  ],
  // The master stands still, nothing can be proven without it, and it goes on as somebody's slave.
  (dice, atMs) => [
    at(atMs, { kind: 'attachByHand', victim: 'master', to: 'member' }),
    at(atMs, { kind: 'stopServer', victim: 'master', forMs: whole(dice.between(800, 5_000)) }),
    at(atMs + dice.between(1, 300), kill('member', dice.between(5, 3_000))),
  ],
];

/** `latestMs`: by then what is drawn has begun. */
export function drawHands(dice: Dice, latestMs: number, hasPromise: boolean): readonly PlannedStrike[] {
  if (!dice.chance(SHARE_OF_LIVES)) return [];
  const times = dice.random.integer(1, MOST_AT_ONCE + 1);
  return Array.from({ length: times }, () =>
    dice.pick(DRAWS)(dice, dice.random.next() * latestMs, hasPromise),
  ).flat();
}
