/**
 * Ends the force of older sync sets. Only while the reign is active: during a failover every rule that could have
 * acknowledged must be met, whatever a message that was on its way says.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { activeSyncSet } from '../queries.ts';
import { countSchema, epochSchema, groupKeySchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup, requireReign } from './group-changes.ts';

type GroupSettleRules = Extract<Command, { type: 'group.settleRules' }>;

export const groupSettleRulesSchema = z.strictObject({
  type: z.literal('group.settleRules'),
  key: groupKeySchema,
  epoch: epochSchema,
  keepFrom: countSchema,
}) satisfies z.ZodType<GroupSettleRules>;

export function groupSettleRules(store: MutableMetadata, command: GroupSettleRules): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const reign = requireReign(group, command.epoch);
  if (!reign.ok) return reign;
  const last = activeSyncSet(group)?.version ?? 0;
  if (command.keepFrom > last) {
    return refused('invalidRequest', `${group.key} has sync sets up to version ${last}.`, {
      field: 'keepFrom',
      expected: `at most ${last}`,
    });
  }
  const syncSets = group.syncSets.filter((syncSet) => syncSet.version >= command.keepFrom);
  store.groups.set(group.key, { ...group, syncSets });
  return accepted(null);
}
