/**
 * What keeps automatic action off a broker set: an operator's stop, or that it has just got other masters again and again.
 * Neither stops evidence. Whoever is silent and was found dead by a quorum is followed at once, also right after an
 * election: an election loses nothing, and clients of RocketMQ wait for it. What has to be slowed down is a network that
 * flaps, or a load that every master dies of: each election leaves a set alone in sync. Only silence is waited with: a
 * process that ended, or an IDC that nobody hears, is none of that.
 */
import type { DeathKind } from '../../liveness/death.ts';
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { AutomaticStop, MetadataState } from '../../metadata/state.ts';
import type { SiteName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { authorOf, lifting } from '../brakes.ts';
import type { SetRun } from './set-run.ts';

/** So many elections after silence follow one another at once; the next waits until the first of them is so long ago. */
const SILENT_ELECTIONS = { most: 2, withinMs: 60_000 } as const;

/** IDCs that automatic action keeps masters out of. */
export const closedIdcs = ({ stops }: Pick<MetadataState, 'stops'>): ReadonlySet<SiteName> =>
  new Set(stops.flatMap(({ scope }) => (scope.kind === 'idc' ? [scope.site] : [])));

export function cooldownLeftMs(
  { silentElectionsMs }: Pick<SetRun, 'silentElectionsMs'>,
  kind: DeathKind,
  { monotonicMs }: Instant,
): number {
  const first = silentElectionsMs.at(-SILENT_ELECTIONS.most);
  if (kind !== 'silence' || first === undefined) return 0;
  return Math.max(0, first + SILENT_ELECTIONS.withinMs - monotonicMs);
}

/** An election that this leader saw applied, after a death of that kind. */
export function noteElection(run: SetRun, kind: DeathKind | null, { monotonicMs }: Instant): void {
  if (kind === 'silence')
    run.silentElectionsMs = [...run.silentElectionsMs, monotonicMs].slice(-SILENT_ELECTIONS.most);
}

export const stopMessage = (set: BrokerSet, stop: AutomaticStop): string =>
  `Broker set ${set.name} has no master that answers, but automatic action is stopped by ${authorOf(stop)}. ` +
  `Lift that with ${lifting(stop, set)}, or move by hand with pollux broker-set elect ${set.name} --to ID.`;

export const cooldownMessage = (set: BrokerSet, leftMs: number): string =>
  `Master ${set.master} of broker set ${set.name} is silent, as those before it were: ${SILENT_ELECTIONS.most} others were ` +
  `elected within a minute, so it is left alone for another ${Math.ceil(leftMs / 1_000)} s.`;

/** What an operator may do who cannot wait. */
export const acceptLoss = ({ name }: Pick<BrokerSet, 'name'>): string =>
  `Only if it cannot wait: pollux broker-set elect ${name} --to ID --unsafe makes any of its brokers the master, and accepts the loss of what that one lacks.`;
