/**
 * What the group's owner wants. The rule that acknowledges writes changes only when a sync set that follows from it
 * is committed.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { groupKeySchema, onShortageSchema, writePolicySchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type GroupSetPolicy = Extract<Command, { type: 'group.setPolicy' }>;

export const groupSetPolicySchema = z.strictObject({
  type: z.literal('group.setPolicy'),
  key: groupKeySchema,
  policy: writePolicySchema,
  onShortage: onShortageSchema,
}) satisfies z.ZodType<GroupSetPolicy>;

export function groupSetPolicy(
  store: MutableMetadata,
  { key, policy, onShortage }: GroupSetPolicy,
): Result<null> {
  const found = requireGroup(store, key);
  if (!found.ok) return found;
  store.groups.set(key, { ...found.value, policy, onShortage });
  return accepted(null);
}
