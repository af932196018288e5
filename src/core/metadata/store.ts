/** The writable side of the replicated state. */
import type { MetadataState } from './state.ts';

/**
 * Only `apply.ts`, the rules in `commands/` and snapshot restore may hold it; everyone else sees MetadataState.
 * Values inside the maps and arrays are replaced, never mutated, so a reader may keep one.
 */
export type MutableMetadata = {
  -readonly [Field in keyof MetadataState]: MetadataState[Field] extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : MetadataState[Field] extends ReadonlySet<infer Value>
      ? Set<Value>
      : MetadataState[Field];
};
