/**
 * Takes a broker group out, in any phase: a group whose adoption never gets an answer has to be removable. What
 * stops automatic action for it alone goes with it, as does its part of a drill; its history stays.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { endWhenDone, setMove } from '../drill-changes.ts';
import { changeRecord } from '../history.ts';
import { groupKeySchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type GroupRemove = Extract<Command, { type: 'group.remove' }>;

export const groupRemoveSchema = z.strictObject({
  type: z.literal('group.remove'),
  key: groupKeySchema,
}) satisfies z.ZodType<GroupRemove>;

export function groupRemove(store: MutableMetadata, { key }: GroupRemove): Result<null> {
  const found = requireGroup(store, key);
  if (!found.ok) return found;
  for (const topic of store.topics.values()) {
    if (topic.queues.some((queues) => queues.group === key)) {
      return refused('groupNotEmpty', `${key} carries topic ${topic.name}; remove its topics first.`, {
        field: 'key',
      });
    }
  }
  const { phase } = found.value;
  if (phase.kind !== 'active') {
    changeRecord(store, phase.recordId, (record) => ({ ...record, outcome: 'superseded' }));
  }
  store.stops = store.stops.filter(({ scope }) => scope.kind !== 'group' || scope.group !== key);
  store.groups.delete(key);
  store.evacuatedFrom.delete(key);
  store.returnRules.delete(key);
  if (store.drillMoves.has(key)) setMove(store, key, null);
  endWhenDone(store);
  return accepted(null);
}
