/**
 * What keeps a confirmed death from being acted on although a promotion would be lossless: an operator's stop, or the
 * cool-down of a group that has just failed over. Both are shown and written down; neither stops evidence.
 */

import type { DeathKind } from '../liveness/death.ts';
import { closedSites } from '../metadata/closed-sites.ts';
import { findReplica } from '../metadata/queries.ts';
import type { AutomaticStop, BrokerGroup, FencingReason, MetadataState } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { GroupRun } from './group-run.ts';

export type Brake = { readonly outcome: 'automaticStopped' | 'coolingDown'; readonly message: string };

/** The command that lifts a stop, as an operator may copy it. */
export function lifting({ scope }: AutomaticStop, group: Pick<BrokerGroup, 'cluster' | 'name'>): string {
  switch (scope.kind) {
    case 'all':
      return 'pollux stop-automatic --all --resume';
    case 'idc':
      return `pollux stop-automatic --idc ${scope.site} --resume`;
    case 'group':
      return commandFor(group, 'stop-automatic --resume --group');
    default:
      return unreachable(scope);
  }
}

export const authorOf = ({ by, reason }: AutomaticStop): string => (reason === '' ? by : `${by} (${reason})`);

export function stopBrake(group: BrokerGroup, master: ReplicaId, stop: AutomaticStop): Brake {
  return {
    outcome: 'automaticStopped',
    message:
      `Master ${master} is dead, but automatic action is stopped by ${authorOf(stop)}. ` +
      `Lift that with ${lifting(stop, group)}, or move by hand with ${commandFor(group, 'failover')}.`,
  };
}

/** Whoever could be promoted stands in an IDC that an operator keeps automatic promotion out of. */
export function closedBrake(
  state: Pick<MetadataState, 'stops'>,
  group: BrokerGroup,
  furthest: readonly ReplicaId[],
  reason: FencingReason,
): Brake | null {
  const closed = closedSites(state, reason);
  const siteOf = (id: ReplicaId) => findReplica(group, id)?.site;
  const stop = state.stops.find(
    ({ scope }) => scope.kind === 'idc' && furthest.some((id) => siteOf(id) === scope.site),
  );
  const allClosed = furthest.every((id) => {
    const site = siteOf(id);
    return site !== undefined && closed.has(site);
  });
  if (stop === undefined || !allClosed) return null;
  return {
    outcome: 'automaticStopped',
    message:
      `Master ${group.master} is dead, but whoever holds everything (${furthest.join(', ')}) stands where automatic action ` +
      `is stopped by ${authorOf(stop)}. Lift that with ${lifting(stop, group)}, or move by hand with ` +
      `${commandFor(group, 'failover')}.`,
  };
}

/**
 * A flapping network looks like silence, so silence is what a cool-down waits with. A process that ended, or an IDC that
 * nobody hears, is another fault than the last one, however soon it follows: waiting would only prolong the outage.
 */
export function cooldownBrake(
  group: BrokerGroup,
  run: GroupRun,
  death: { readonly replica: ReplicaId; readonly kind: DeathKind },
  now: Instant,
): Brake | null {
  const { cooldown } = group;
  if (cooldown === null || death.kind !== 'silence') return null;
  const leftMs = cooldownLeftMs(group, run, now);
  if (leftMs <= 0) return null;
  return {
    outcome: 'coolingDown',
    message:
      `Master ${death.replica} is silent, and a promotion would be lossless; but the group has just failed over ` +
      `(pollux history show ${cooldown.recordId}) and nothing shows that the process ended, so it is left alone for another ` +
      `${Math.ceil(leftMs / 1_000)} s. ${commandFor(group, 'acknowledge')} lets it go on at once.`,
  };
}

/** By the wall clock of the record, or by what this leader has watched itself, whichever ends first. */
export function cooldownLeftMs({ cooldown, cooldownMs }: BrokerGroup, run: GroupRun, now: Instant): number {
  if (cooldown === null) return 0;
  const byWallMs = cooldown.sinceWallMs + cooldownMs - now.wallMs;
  return Math.min(byWallMs, run.phaseSinceMs + cooldownMs - now.monotonicMs);
}
