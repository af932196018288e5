/** Sets one entry of the key-value configuration. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import type { MutableMetadata } from '../store.ts';

type KeyValueSet = Extract<Command, { type: 'keyValue.set' }>;

export const keyValueSetSchema = z.strictObject({
  type: z.literal('keyValue.set'),
  key: z.string().min(1).max(LIMITS.keyValueKeyCharacters),
  value: z.string().max(LIMITS.keyValueCharacters),
}) satisfies z.ZodType<KeyValueSet>;

export function keyValueSet(store: MutableMetadata, { key, value }: KeyValueSet): Result<null> {
  if (!store.keyValues.has(key) && store.keyValues.size >= LIMITS.keyValues) {
    return refused('limitReached', `The tier holds ${LIMITS.keyValues} keys already.`);
  }
  store.keyValues.set(key, value);
  return accepted(null);
}
