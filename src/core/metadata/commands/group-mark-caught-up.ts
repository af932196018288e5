/**
 * Members of the newest sync set that were seen to hold everything of the reigns before it. That stays true in every
 * phase, so it is accepted in every phase; epoch and version say which set is meant.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { activeSyncSet } from '../queries.ts';
import { countSchema, epochSchema, groupKeySchema, replicaIdSchema } from '../schemas.ts';
import type { SyncSet } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseStale, refuseUnknownReplica, requireGroup } from './group-changes.ts';

type GroupMarkCaughtUp = Extract<Command, { type: 'group.markCaughtUp' }>;

export const groupMarkCaughtUpSchema = z.strictObject({
  type: z.literal('group.markCaughtUp'),
  key: groupKeySchema,
  epoch: epochSchema,
  version: countSchema,
  replicas: z.array(replicaIdSchema),
}) satisfies z.ZodType<GroupMarkCaughtUp>;

export function groupMarkCaughtUp(store: MutableMetadata, command: GroupMarkCaughtUp): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const last = activeSyncSet(group);
  if (last === null || last.epoch !== command.epoch || last.version !== command.version) {
    const newest = last === null ? 'no sync set' : `sync set ${last.version} of epoch ${last.epoch}`;
    return refuseStale(group, `sync set ${command.version} of epoch ${command.epoch}`, newest);
  }
  for (const [position, id] of command.replicas.entries()) {
    if (!last.members.some((member) => member.replica === id)) {
      return refuseUnknownReplica(group, id, `replicas.${position}`);
    }
  }
  const marked: SyncSet = {
    ...last,
    members: last.members.map((member) =>
      command.replicas.includes(member.replica) ? { ...member, caughtUp: true } : member,
    ),
  };
  store.groups.set(group.key, { ...group, syncSets: [...group.syncSets.slice(0, -1), marked] });
  return accepted(null);
}
