/** How long a master without its slaves goes on for clients that do not wait; the next grant tells the master. */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { groupKeySchema, timeFenceSecondsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type GroupSetTimeFence = Extract<Command, { type: 'group.setTimeFence' }>;

export const groupSetTimeFenceSchema = z.strictObject({
  type: z.literal('group.setTimeFence'),
  key: groupKeySchema,
  timeFenceSeconds: timeFenceSecondsSchema,
}) satisfies z.ZodType<GroupSetTimeFence>;

export function groupSetTimeFence(
  store: MutableMetadata,
  { key, timeFenceSeconds }: GroupSetTimeFence,
): Result<null> {
  const found = requireGroup(store, key);
  if (!found.ok) return found;
  store.groups.set(key, { ...found.value, timeFenceSeconds });
  return accepted(null);
}
