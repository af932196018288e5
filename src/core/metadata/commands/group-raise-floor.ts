/** Raises the offset that an acknowledging set is known to hold. A lower one is old news and changes nothing. */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { epochSchema, groupKeySchema, offsetSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup, requireReign } from './group-changes.ts';

type GroupRaiseFloor = Extract<Command, { type: 'group.raiseFloor' }>;

export const groupRaiseFloorSchema = z.strictObject({
  type: z.literal('group.raiseFloor'),
  key: groupKeySchema,
  epoch: epochSchema,
  floor: offsetSchema,
}) satisfies z.ZodType<GroupRaiseFloor>;

export function groupRaiseFloor(store: MutableMetadata, command: GroupRaiseFloor): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const reign = requireReign(group, command.epoch);
  if (!reign.ok) return reign;
  if (command.floor > group.floor) store.groups.set(group.key, { ...group, floor: command.floor });
  return accepted(null);
}
