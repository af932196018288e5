/** A group key as the two names that an answer shows. */
import type { GroupKey } from '../../../core/primitives/identifiers.ts';

export function keyParts(key: GroupKey): { readonly cluster: string; readonly group: string } {
  const slash = key.indexOf('/');
  return { cluster: key.slice(0, slash), group: key.slice(slash + 1) };
}
