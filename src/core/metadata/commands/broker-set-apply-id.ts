/**
 * A broker applies for an id of its own (1013). An id is given once in the life of a set; said again by the same broker,
 * which its check code tells, it stands.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import {
  brokerAddressSchema,
  controllerIdSchema,
  registerCheckCodeSchema,
  siteOrNoneSchema,
} from '../broker-set-schemas.ts';
import { clusterNameSchema, groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, checkNewBroker, newBrokerSet, putBroker } from './broker-set-changes.ts';

type BrokerSetApplyId = Extract<BrokerSetCommand, { type: 'brokerSet.applyId' }>;

export const brokerSetApplyIdSchema = z.strictObject({
  type: z.literal('brokerSet.applyId'),
  cluster: clusterNameSchema,
  name: groupNameSchema,
  brokerId: controllerIdSchema,
  registerCheckCode: registerCheckCodeSchema,
  address: brokerAddressSchema,
  site: siteOrNoneSchema,
}) satisfies z.ZodType<BrokerSetApplyId>;

export function brokerSetApplyId(store: MutableMetadata, command: BrokerSetApplyId): Result<null> {
  const { cluster, name, brokerId, registerCheckCode, address, site } = command;
  const set = store.brokerSets.get(name);
  const kept = set?.brokers.get(brokerId);
  if (set?.cluster === cluster && kept?.registerCheckCode === registerCheckCode) return accepted(null);
  const checked = checkNewBroker(store, { cluster, name, brokerId, address });
  if (!checked.ok) return checked;
  const expected = set?.nextBrokerId ?? 1;
  if (brokerId < expected || (set === undefined && brokerId !== 1)) {
    return refused('brokerIdTaken', `The next id of ${name} is ${expected}.`, {
      field: 'brokerId',
      expected: `${expected}`,
    });
  }
  const added = { id: brokerId, address, site, registerCheckCode };
  changeBrokerSet(store, putBroker(store, set ?? newBrokerSet(store, cluster, name), added));
  return accepted(null);
}
