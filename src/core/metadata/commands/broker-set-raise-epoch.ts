/**
 * A broker was seen in an epoch above that of its set, which has no master: the next election will be above it. Where a
 * master reigns, only an election may go up, or two masters would reign in one epoch.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { masterEpochSchema } from '../broker-set-schemas.ts';
import { groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, requireBrokerSet } from './broker-set-changes.ts';

type BrokerSetRaiseEpoch = Extract<BrokerSetCommand, { type: 'brokerSet.raiseEpoch' }>;

export const brokerSetRaiseEpochSchema = z.strictObject({
  type: z.literal('brokerSet.raiseEpoch'),
  name: groupNameSchema,
  masterEpoch: masterEpochSchema,
}) satisfies z.ZodType<BrokerSetRaiseEpoch>;

export function brokerSetRaiseEpoch(
  store: MutableMetadata,
  { name, masterEpoch }: BrokerSetRaiseEpoch,
): Result<null> {
  const found = requireBrokerSet(store, name);
  if (!found.ok) return found;
  const set = found.value;
  if (set.master !== null)
    return refused('masterReigns', `Broker ${set.master} is master of ${name}.`, { field: 'name' });
  if (masterEpoch > set.masterEpoch) changeBrokerSet(store, { ...set, masterEpoch });
  return accepted(null);
}
