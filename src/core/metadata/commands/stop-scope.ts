/** What a stop of automatic action may name, and when two name the same. */
import { unreachable } from '../../primitives/assert.ts';
import type { GroupKey } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import { findBrokerSetByKey, findNamedSetByKey } from '../broker-set-queries.ts';
import type { StopScope } from '../state.ts';
import type { MutableMetadata } from '../store.ts';

export function isSameScope(one: StopScope, other: StopScope): boolean {
  switch (one.kind) {
    case 'all':
      return other.kind === 'all';
    case 'idc':
      return other.kind === 'idc' && other.site === one.site;
    case 'group':
      return other.kind === 'group' && other.group === one.group;
    default:
      return unreachable(one);
  }
}

export function checkScope(store: MutableMetadata, scope: StopScope, field: string): Result<null> {
  switch (scope.kind) {
    case 'all':
      return accepted(null);
    case 'idc':
      return store.sites.get(scope.site)?.kind === 'idc'
        ? accepted(null)
        : refused('unknownSite', `${scope.site} is not an IDC of this tier.`, { field: `${field}.site` });
    case 'group':
      return isKnown(store, scope.group)
        ? accepted(null)
        : refused('unknownGroup', `No broker group ${scope.group} is declared.`, { field: `${field}.group` });
    default:
      return unreachable(scope);
  }
}

/** A set of RocketMQ that only registers as yet counts too: it is stopped before the tier becomes its Controller. */
const isKnown = (store: MutableMetadata, key: GroupKey): boolean =>
  store.groups.has(key) || findBrokerSetByKey(store, key) !== null || findNamedSetByKey(store, key) !== null;
