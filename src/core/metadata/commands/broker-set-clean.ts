/**
 * An operator takes brokers out for good (1011), or a whole set. Whether one of them lives the door has looked before. The
 * reigning master stays: another one is elected first.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { isDegraded } from '../broker-set-queries.ts';
import { controllerIdSchema } from '../broker-set-schemas.ts';
import type { BrokerSet } from '../broker-set-state.ts';
import { addChange } from '../changes.ts';
import { groupNameSchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, removeBrokerSet, requireBrokerSet } from './broker-set-changes.ts';

type BrokerSetClean = Extract<BrokerSetCommand, { type: 'brokerSet.clean' }>;

export const brokerSetCleanSchema = z.strictObject({
  type: z.literal('brokerSet.clean'),
  name: groupNameSchema,
  brokerIds: z.array(controllerIdSchema).min(1).max(LIMITS.brokersPerSet).nullable(),
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<BrokerSetClean>;

export function brokerSetClean(store: MutableMetadata, command: BrokerSetClean): Result<null> {
  const found = requireBrokerSet(store, command.name);
  if (!found.ok) return found;
  const set = found.value;
  const cleaned = new Set(command.brokerIds ?? set.brokers.keys());
  const unknown = [...cleaned].find((id) => !set.brokers.has(id));
  if (unknown !== undefined)
    return refused('invalidReplicas', `${set.name} has no broker ${unknown}.`, { field: 'brokerIds' });
  if (set.master !== null && (command.brokerIds === null || cleaned.has(set.master))) {
    return refused('masterReigns', `Broker ${set.master} is master of ${set.name}.`, { field: 'brokerIds' });
  }
  const brokers = new Map([...set.brokers].filter(([id]) => !cleaned.has(id)));
  if (brokers.size === 0) removeBrokerSet(store, set);
  else changeBrokerSet(store, without(set, brokers));
  addChange(store, {
    scope: { kind: 'group', group: set.key },
    change: 'groupSet',
    by: command.by,
    detail: brokers.size === 0 ? 'broker set cleaned' : `brokers ${[...cleaned].join(', ')} cleaned`,
    wallMs: command.wallMs,
  });
  return accepted(null);
}

function without(set: BrokerSet, brokers: BrokerSet['brokers']): BrokerSet {
  const syncStateSet = set.syncStateSet.filter((id) => brokers.has(id));
  const isShorter = syncStateSet.length < set.syncStateSet.length;
  const left = {
    ...set,
    brokers,
    syncStateSet,
    syncStateSetEpoch: isShorter ? set.syncStateSetEpoch + 1 : set.syncStateSetEpoch,
    unproven: set.unproven || (isShorter && syncStateSet.length === 0),
  };
  return { ...left, degraded: isDegraded(left) };
}
