/** Removes one entry of the key-value configuration. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import type { MutableMetadata } from '../store.ts';

type KeyValueRemove = Extract<Command, { type: 'keyValue.remove' }>;

export const keyValueRemoveSchema = z.strictObject({
  type: z.literal('keyValue.remove'),
  key: z.string().min(1).max(LIMITS.keyValueKeyCharacters),
}) satisfies z.ZodType<KeyValueRemove>;

export function keyValueRemove(store: MutableMetadata, { key }: KeyValueRemove): Result<null> {
  return store.keyValues.delete(key)
    ? accepted(null)
    : refused('unknownKey', `No key-value pair ${key} is kept.`, { field: 'key' });
}
