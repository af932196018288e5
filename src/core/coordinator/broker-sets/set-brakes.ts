/**
 * What keeps automatic action off a broker set: an operator's stop, or that it has just got another master. Neither stops
 * evidence. An election is lossless all the same, so the cool-down is short, and only silence is waited with: a process
 * that ended, or an IDC that nobody hears, is no flapping network.
 */
import type { DeathKind } from '../../liveness/death.ts';
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { AutomaticStop, MetadataState } from '../../metadata/state.ts';
import { unreachable } from '../../primitives/assert.ts';
import type { SiteName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { SetRun } from './set-run.ts';

/** After an election, a master that is merely silent is left alone for so long. */
const COOLDOWN_MS = 30_000;

/**
 * The stop that holds automatic action for this set. One of an IDC holds it where the master stands there, or, where it
 * has none, where everybody who could become one does.
 */
export function stopOf({ stops }: Pick<MetadataState, 'stops'>, set: BrokerSet): AutomaticStop | null {
  const applies = ({ scope }: AutomaticStop): boolean => {
    switch (scope.kind) {
      case 'all':
        return true;
      case 'idc':
        return standsIn(set, scope.site);
      case 'group':
        return scope.group === set.key;
      default:
        return unreachable(scope);
    }
  };
  return stops.find(applies) ?? null;
}

function standsIn(set: BrokerSet, site: SiteName): boolean {
  if (set.master !== null) return set.brokers.get(set.master)?.site === site;
  return set.syncStateSet.length > 0 && set.syncStateSet.every((id) => set.brokers.get(id)?.site === site);
}

/** IDCs that automatic action keeps masters out of. */
export const closedIdcs = ({ stops }: Pick<MetadataState, 'stops'>): ReadonlySet<SiteName> =>
  new Set(stops.flatMap(({ scope }) => (scope.kind === 'idc' ? [scope.site] : [])));

export function cooldownLeftMs({ electedAtMs }: SetRun, kind: DeathKind, { monotonicMs }: Instant): number {
  if (electedAtMs === null || kind !== 'silence') return 0;
  return Math.max(0, electedAtMs + COOLDOWN_MS - monotonicMs);
}

const authorOf = ({ by, reason }: AutomaticStop): string => (reason === '' ? by : `${by} (${reason})`);

export const stopMessage = (set: BrokerSet, stop: AutomaticStop): string =>
  `Broker set ${set.name} has no master that answers, but automatic action is stopped by ${authorOf(stop)}: ` +
  'lift the stop, or elect a master by hand.';
