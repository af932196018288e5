/**
 * What the group's owner wants. The rule that acknowledges writes changes only when a sync set that follows from the
 * policy is committed; detection and cool-down hold from this commit on, also for a cool-down that is under way.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import {
  cooldownMsSchema,
  detectionMsSchema,
  groupKeySchema,
  onShortageSchema,
  textSchema,
  timeFenceSecondsSchema,
  wallMsSchema,
  writePolicySchema,
} from '../schemas.ts';
import type { BrokerGroup } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type GroupSet = Extract<Command, { type: 'group.set' }>;

export const groupSetSchema = z.strictObject({
  type: z.literal('group.set'),
  key: groupKeySchema,
  policy: writePolicySchema.nullable(),
  onShortage: onShortageSchema.nullable(),
  timeFenceSeconds: timeFenceSecondsSchema.nullable(),
  detectionMs: detectionMsSchema.nullable(),
  cooldownMs: cooldownMsSchema.nullable(),
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupSet>;

/** In words, from what to what. */
function changesOf(group: BrokerGroup, command: GroupSet): string {
  const names = ['policy', 'onShortage', 'timeFenceSeconds', 'detectionMs', 'cooldownMs'] as const;
  const parts = names.flatMap((name) =>
    command[name] === null ? [] : [`${name} ${group[name]} -> ${command[name]}`],
  );
  return parts.join(', ');
}

export function groupSet(store: MutableMetadata, command: GroupSet): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  store.groups.set(group.key, {
    ...group,
    policy: command.policy ?? group.policy,
    onShortage: command.onShortage ?? group.onShortage,
    timeFenceSeconds: command.timeFenceSeconds ?? group.timeFenceSeconds,
    detectionMs: command.detectionMs ?? group.detectionMs,
    cooldownMs: command.cooldownMs ?? group.cooldownMs,
  });
  const { by, wallMs } = command;
  const scope = { kind: 'group', group: group.key } as const;
  addChange(store, { scope, change: 'groupSet', by, detail: changesOf(group, command), wallMs });
  return accepted(null);
}
