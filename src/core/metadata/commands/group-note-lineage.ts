/**
 * The master of the running reign goes on under another replication id, as it does once somebody has ordered it past
 * pollux to fail over and its target would not take it. It is still the same process with everything that it had, so the
 * reign goes on, too: as a further one of the same epoch, that began where the new id did.
 */
import { z } from 'zod';
import { must } from '../../primitives/assert.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { epochSchema, groupKeySchema, incarnationSchema, lineageSchema, offsetSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseStale, requireGroup, requireReign } from './group-changes.ts';

type GroupNoteLineage = Extract<Command, { type: 'group.noteLineage' }>;

export const groupNoteLineageSchema = z.strictObject({
  type: z.literal('group.noteLineage'),
  key: groupKeySchema,
  epoch: epochSchema,
  incarnation: incarnationSchema,
  formerLineage: lineageSchema,
  lineage: lineageSchema,
  cut: offsetSchema,
}) satisfies z.ZodType<GroupNoteLineage>;

export function groupNoteLineage(store: MutableMetadata, command: GroupNoteLineage): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const running = requireReign(group, command.epoch);
  if (!running.ok) return running;
  const reign = must(group.reigns.at(-1), 'an active group has a reign');
  if (reign.incarnation !== command.incarnation)
    return refuseStale(group, `process ${command.incarnation}`, reign.incarnation);
  if (reign.lineage !== command.formerLineage)
    return refuseStale(group, `lineage ${command.formerLineage}`, reign.lineage);
  if (command.cut < reign.cut) {
    return refused('invalidRequest', `${group.key}: the reign began at ${reign.cut}.`, { field: 'cut' });
  }
  const { lineage, cut } = command;
  store.groups.set(group.key, {
    ...group,
    reigns: [...group.reigns, { ...reign, lineage, cut }].slice(-LIMITS.reignsPerGroup),
  });
  return accepted(null);
}
