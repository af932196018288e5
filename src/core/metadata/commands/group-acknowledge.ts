/**
 * An operator has looked at the group's last automatic failover: the next one may follow at once. Nothing to
 * acknowledge is no error: the operator has what was asked for.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import { changeRecord, historyStep, withStep } from '../history.ts';
import { groupKeySchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type GroupAcknowledge = Extract<Command, { type: 'group.acknowledge' }>;

export const groupAcknowledgeSchema = z.strictObject({
  type: z.literal('group.acknowledge'),
  key: groupKeySchema,
  by: textSchema,
  note: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupAcknowledge>;

export function groupAcknowledge(store: MutableMetadata, command: GroupAcknowledge): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const { cooldown } = group;
  if (cooldown === null) return accepted(null);
  store.groups.set(group.key, { ...group, cooldown: null });
  const said = command.note === '' ? '' : `: ${command.note}`;
  const step = historyStep('acknowledged', command.wallMs, `by ${command.by}${said}`);
  changeRecord(store, cooldown.recordId, (record) => withStep(record, step));
  const { by, note: detail, wallMs } = command;
  const scope = { kind: 'group', group: group.key } as const;
  addChange(store, { scope, change: 'acknowledged', by, detail, wallMs });
  return accepted(null);
}
