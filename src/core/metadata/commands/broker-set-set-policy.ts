/** What an operator may change of a broker set while it runs. */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { isDegraded } from '../broker-set-queries.ts';
import { brokerSetPolicySchema } from '../broker-set-schemas.ts';
import { addChange } from '../changes.ts';
import {
  detectionMsSchema,
  groupNameSchema,
  onShortageSchema,
  textSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, requireBrokerSet } from './broker-set-changes.ts';

type BrokerSetSetPolicy = Extract<BrokerSetCommand, { type: 'brokerSet.setPolicy' }>;

export const brokerSetSetPolicySchema = z.strictObject({
  type: z.literal('brokerSet.setPolicy'),
  name: groupNameSchema,
  policy: brokerSetPolicySchema.nullable(),
  onShortage: onShortageSchema.nullable(),
  detectionMs: detectionMsSchema.nullable(),
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<BrokerSetSetPolicy>;

export function brokerSetSetPolicy(store: MutableMetadata, command: BrokerSetSetPolicy): Result<null> {
  const found = requireBrokerSet(store, command.name);
  if (!found.ok) return found;
  const set = found.value;
  const after = {
    ...set,
    policy: command.policy ?? set.policy,
    onShortage: command.onShortage ?? set.onShortage,
    detectionMs: command.detectionMs ?? set.detectionMs,
  };
  const fields = ['policy', 'onShortage', 'detectionMs'] as const;
  const changed = fields.filter((field) => after[field] !== set[field]);
  if (changed.length === 0) return accepted(null);
  changeBrokerSet(store, { ...after, degraded: isDegraded(after) });
  addChange(store, {
    scope: { kind: 'group', group: set.key },
    change: 'groupSet',
    by: command.by,
    detail: changed.map((field) => `${field} ${set[field]} -> ${after[field]}`).join(', '),
    wallMs: command.wallMs,
  });
  return accepted(null);
}
