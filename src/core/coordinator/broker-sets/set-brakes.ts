/**
 * What keeps automatic action off a broker set: an operator's stop, or that it has just got another master. Neither stops
 * evidence. An election is lossless all the same, so the cool-down is short, and only silence is waited with: a process
 * that ended, or an IDC that nobody hears, is no flapping network. With what an operator reads of them.
 */
import type { DeathKind } from '../../liveness/death.ts';
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { AutomaticStop, MetadataState } from '../../metadata/state.ts';
import type { SiteName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { authorOf, lifting } from '../brakes.ts';
import type { SetRun } from './set-run.ts';

/** After an election, a master that is merely silent is left alone for so long. */
const COOLDOWN_MS = 30_000;

/** IDCs that automatic action keeps masters out of. */
export const closedIdcs = ({ stops }: Pick<MetadataState, 'stops'>): ReadonlySet<SiteName> =>
  new Set(stops.flatMap(({ scope }) => (scope.kind === 'idc' ? [scope.site] : [])));

export function cooldownLeftMs({ electedAtMs }: SetRun, kind: DeathKind, { monotonicMs }: Instant): number {
  if (electedAtMs === null || kind !== 'silence') return 0;
  return Math.max(0, electedAtMs + COOLDOWN_MS - monotonicMs);
}

export const stopMessage = (set: BrokerSet, stop: AutomaticStop): string =>
  `Broker set ${set.name} has no master that answers, but automatic action is stopped by ${authorOf(stop)}. ` +
  `Lift that with ${lifting(stop, set)}, or move by hand with pollux broker-set elect ${set.name} --to ID.`;

/** What an operator may do who cannot wait. */
export const acceptLoss = ({ name }: Pick<BrokerSet, 'name'>): string =>
  `Only if it cannot wait: pollux broker-set elect ${name} --to ID --unsafe makes any of its brokers the master, and accepts the loss of what that one lacks.`;
