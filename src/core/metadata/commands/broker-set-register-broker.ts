/**
 * A broker says where it is (1003). One that is unknown is adopted, with its set if need be: it has its id on disk and would
 * never apply for another one. Where no sync state set is committed, nobody can tell then what it and the others hold.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { brokerAddressSchema, controllerIdSchema, siteOrNoneSchema } from '../broker-set-schemas.ts';
import { moveMasterId } from '../registration-table.ts';
import { clusterNameSchema, groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import {
  changeBrokerSet,
  checkClaim,
  checkNewBroker,
  newBrokerSet,
  putBroker,
} from './broker-set-changes.ts';

type BrokerSetRegisterBroker = Extract<BrokerSetCommand, { type: 'brokerSet.registerBroker' }>;

export const brokerSetRegisterBrokerSchema = z.strictObject({
  type: z.literal('brokerSet.registerBroker'),
  cluster: clusterNameSchema,
  name: groupNameSchema,
  brokerId: controllerIdSchema,
  address: brokerAddressSchema,
  site: siteOrNoneSchema,
}) satisfies z.ZodType<BrokerSetRegisterBroker>;

export function brokerSetRegisterBroker(
  store: MutableMetadata,
  command: BrokerSetRegisterBroker,
): Result<null> {
  const { name, brokerId, address, site } = command;
  const set = store.brokerSets.get(name);
  const kept = set?.brokers.get(brokerId);
  if (set === undefined || kept === undefined) return adopt(store, command);
  const claimed = checkClaim(store, command);
  if (!claimed.ok) return claimed;
  if (kept.address === address && (site === null || kept.site === site)) return accepted(null);
  if (kept.address !== address && store.registrations.get(kept.address)?.name === name) {
    return refused('brokerIdTaken', `Broker ${brokerId} of ${name} is registered at ${kept.address}.`, {
      field: 'brokerId',
    });
  }
  const { registerCheckCode } = kept;
  changeBrokerSet(
    store,
    putBroker(store, set, { id: brokerId, address, site: site ?? kept.site, registerCheckCode }),
  );
  if (set.master === brokerId) moveMasterId(store, name, address);
  return accepted(null);
}

function adopt(store: MutableMetadata, command: BrokerSetRegisterBroker): Result<null> {
  const { cluster, name, brokerId, address, site } = command;
  const checked = checkNewBroker(store, command);
  if (!checked.ok) return checked;
  const set = store.brokerSets.get(name) ?? newBrokerSet(store, cluster, name);
  const after = putBroker(store, set, { id: brokerId, address, site, registerCheckCode: null });
  changeBrokerSet(store, { ...after, unproven: set.unproven || set.syncStateSet.length === 0 });
  return accepted(null);
}
