/** Placeholder: the room's owner writes these bodies; the signatures are settled. */
import type { Result } from '../primitives/refusal.ts';
import type { Command } from './command.ts';
import type { MetadataState } from './state.ts';

/**
 * Applies one committed command to the store, in place (a store of 100,000 topics is not copied for each
 * command); a refusal leaves it exactly as it was. Values inside the maps are replaced, never mutated, so a
 * reader may keep one.
 */
export type ApplyCommand = (store: MutableMetadata, command: Command, at: { readonly index: number; readonly term: number }) => Result<null>;

/** The writable side of MetadataState; only `apply` and snapshot restore may hold it. */
export type MutableMetadata = {
  -readonly [Field in keyof MetadataState]: MetadataState[Field] extends ReadonlyMap<infer Key, infer Value>
    ? Map<Key, Value>
    : MetadataState[Field] extends ReadonlySet<infer Value>
      ? Set<Value>
      : MetadataState[Field];
};
