/**
 * The master says who is in sync with it (1001). Whether its members are alive the leader has asked before; that a member
 * stays outside the master's IDC, where the policy wants one and there is one now, is judged here.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { hasRemoteMember, isDegraded } from '../broker-set-queries.ts';
import { controllerIdSchema, masterEpochSchema, syncStateSetSchema } from '../broker-set-schemas.ts';
import type { BrokerSet } from '../broker-set-state.ts';
import { countSchema, groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, requireBrokerSet } from './broker-set-changes.ts';

type BrokerSetAlterSyncStateSet = Extract<BrokerSetCommand, { type: 'brokerSet.alterSyncStateSet' }>;

export const brokerSetAlterSyncStateSetSchema = z.strictObject({
  type: z.literal('brokerSet.alterSyncStateSet'),
  name: groupNameSchema,
  masterBrokerId: controllerIdSchema,
  masterEpoch: masterEpochSchema,
  syncStateSet: syncStateSetSchema,
  syncStateSetEpoch: countSchema,
}) satisfies z.ZodType<BrokerSetAlterSyncStateSet>;

export function brokerSetAlterSyncStateSet(
  store: MutableMetadata,
  command: BrokerSetAlterSyncStateSet,
): Result<null> {
  const found = requireBrokerSet(store, command.name);
  if (!found.ok) return found;
  const set = found.value;
  const judged = judgeSyncStateSet(set, command);
  if (!judged.ok) return judged;
  const after = { ...set, syncStateSet: judged.value, syncStateSetEpoch: set.syncStateSetEpoch + 1 };
  if (
    set.policy === 'cross-idc' &&
    set.onShortage === 'block' &&
    hasRemoteMember(set) &&
    !hasRemoteMember(after)
  ) {
    return refused(
      'lastRemoteMember',
      `${set.name} would have no member outside the IDC of its master; its policy blocks that.`,
      { field: 'syncStateSet' },
    );
  }
  changeBrokerSet(store, { ...after, degraded: isDegraded(after) });
  return accepted(null);
}

/** The new set in ascending order; what is checked, and in which order, is the protocol's. */
function judgeSyncStateSet(set: BrokerSet, command: BrokerSetAlterSyncStateSet): Result<readonly number[]> {
  const { masterBrokerId, masterEpoch, syncStateSetEpoch } = command;
  const wanted = [...new Set(command.syncStateSet)].sort((one, other) => one - other);
  const isInForce =
    wanted.length === set.syncStateSet.length && wanted.every((id, at) => id === set.syncStateSet[at]);
  if (isInForce) return refused('invalidSyncStateSet', `The sync state set of ${set.name} is that already.`);
  if (masterBrokerId !== set.master)
    return refused('notTheMaster', `The master of ${set.name} is ${set.master ?? 'nobody'}.`);
  if (masterEpoch !== set.masterEpoch)
    return refused('fencedMasterEpoch', `The master epoch of ${set.name} is ${set.masterEpoch}.`);
  if (syncStateSetEpoch !== set.syncStateSetEpoch) {
    return refused(
      'fencedSyncStateSetEpoch',
      `The sync state set of ${set.name} is of epoch ${set.syncStateSetEpoch}.`,
    );
  }
  const unknown = wanted.find((id) => !set.brokers.has(id));
  if (unknown !== undefined) return refused('invalidReplicas', `${set.name} has no broker ${unknown}.`);
  return wanted.includes(masterBrokerId)
    ? accepted(wanted)
    : refused('invalidSyncStateSet', `The sync state set of ${set.name} lacks its master.`);
}
