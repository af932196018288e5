/** What the rules of registered broker sets share. */
import type { GroupName } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { NamedSet } from '../broker-set-state.ts';
import { markBrokersChanged } from '../registration-table.ts';
import type { MetadataState } from '../state.ts';
import type { MutableMetadata } from '../store.ts';

export function requireRegistered(state: MetadataState, name: GroupName): Result<NamedSet> {
  const set = state.namedSets.get(name);
  return set === undefined
    ? refused('unknownBrokerSet', `No broker of ${name} is registered.`, { field: 'name' })
    : accepted(set);
}

/** The mark, where the set is registered and has another one. */
export function setWritePermission(
  store: MutableMetadata,
  name: GroupName,
  writePermission: NamedSet['writePermission'],
): void {
  const set = store.namedSets.get(name);
  if (set === undefined || set.writePermission === writePermission) return;
  store.namedSets.set(name, { ...set, writePermission });
  markBrokersChanged(store);
}
