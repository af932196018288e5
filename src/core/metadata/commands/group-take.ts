/**
 * Ends watch-only. What was seen proves nothing of what was steered, so the group is adopted as one that was just
 * declared; only its epochs go on, because history and clients know them.
 */
import { z } from 'zod';
import { epoch, MAX_EPOCH } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { addRecord, changeRecord, findRecord, historyStep } from '../history.ts';
import { findReplica, highestEpoch } from '../queries.ts';
import { groupKeySchema, recordIdSchema, replicaIdSchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { BrokerGroup, MetadataState } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseUnknownReplica, requireGroup } from './group-changes.ts';

type GroupTake = Extract<Command, { type: 'group.take' }>;

export const groupTakeSchema = z.strictObject({
  type: z.literal('group.take'),
  key: groupKeySchema,
  preferredMaster: replicaIdSchema.nullable(),
  recordId: recordIdSchema,
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupTake>;

/** The rule alone, so that it can be refused before any server is asked. */
export function checkGroupTake(store: MetadataState, command: GroupTake): Result<BrokerGroup> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  if (!group.watchOnly) {
    return refused('invalidRequest', `${group.key} is not watch-only; pollux steers it already.`, {
      field: 'key',
    });
  }
  const { preferredMaster, recordId } = command;
  if (preferredMaster !== null && findReplica(group, preferredMaster) === null)
    return refuseUnknownReplica(group, preferredMaster, 'preferredMaster');
  if (findRecord(store, recordId) !== null) {
    return refused('duplicateName', `History record ${recordId} exists already.`, { field: 'recordId' });
  }
  if (highestEpoch(group) >= MAX_EPOCH)
    return refused('limitReached', `${group.key} has used up its epochs.`, { field: 'key' });
  return accepted(group);
}

export function groupTake(store: MutableMetadata, command: GroupTake): Result<null> {
  const checked = checkGroupTake(store, command);
  if (!checked.ok) return checked;
  const group = checked.value;
  const { preferredMaster, recordId, by, wallMs } = command;
  const first = epoch(highestEpoch(group) + 1);
  const reason = 'adoption';
  if (group.phase.kind !== 'active')
    changeRecord(store, group.phase.recordId, (record) => ({ ...record, outcome: 'superseded' }));
  store.groups.set(group.key, {
    ...group,
    watchOnly: false,
    replicas: group.replicas.map((replica) => ({ ...replica, incarnation: null })),
    epoch: epoch(0),
    master: null,
    phase: { kind: 'fencing', epoch: first, reason, recordId, preferred: preferredMaster, unsafe: false },
    syncSets: [],
    reigns: [],
    givenUp: [],
    floor: 0n,
    cooldown: null,
  });
  addRecord(store, {
    id: recordId,
    group: group.key,
    reason,
    epoch: first,
    from: null,
    to: null,
    by,
    evidence: [],
    steps: [
      historyStep('fencing', wallMs, `${reason} of ${group.replicas.length} replicas that were watched`),
    ],
    candidates: [],
    loss: { predictedBytes: null, measuredBytes: null },
    tail: null,
    outcome: 'running',
  });
  return accepted(null);
}
