/**
 * IDCs that automatic promotion stays out of, because an operator has stopped automatic action there. An operator's own
 * move goes where it was asked to, and a master that is still the same process may go on wherever it stands.
 */
import { unreachable } from '../primitives/assert.ts';
import type { SiteName } from '../primitives/identifiers.ts';
import type { FencingReason, MetadataState } from './state.ts';

const NONE: ReadonlySet<SiteName> = new Set();

export function closedSites(
  { stops }: Pick<MetadataState, 'stops'>,
  reason: FencingReason,
): ReadonlySet<SiteName> {
  switch (reason) {
    case 'masterLost':
    case 'masterRestarted':
    case 'promotionFailed':
      return new Set(stops.flatMap(({ scope }) => (scope.kind === 'idc' ? [scope.site] : [])));
    case 'adoption':
    case 'switchover':
    case 'operatorFailover':
    case 'observed':
      return NONE;
    default:
      return unreachable(reason);
  }
}
