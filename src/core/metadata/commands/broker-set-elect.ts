/**
 * A new master. It is a member of the committed sync state set, every one of which holds all that was acknowledged; anybody
 * else needs an operator who accepts the loss, or a set that is adopted or begins. At the same commit its address becomes
 * that of id 0, so that routes and the slaves' HA addresses never wait for the new master's own registration.
 */
import { z } from 'zod';
import { MAX_EPOCH } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { addBrokerSetRecord } from '../broker-set-history.ts';
import { isDegraded, wasNeverMastered } from '../broker-set-queries.ts';
import {
  brokerCandidateSchema,
  controllerIdSchema,
  electionReasonSchema,
  masterEpochSchema,
} from '../broker-set-schemas.ts';
import type { BrokerSet } from '../broker-set-state.ts';
import { historyStep } from '../history.ts';
import { moveMasterId } from '../registration-table.ts';
import {
  detailSchema,
  groupNameSchema,
  historyEvidenceSchema,
  offsetSchema,
  recordIdSchema,
  textSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, requireBrokerSet, requireEpoch } from './broker-set-changes.ts';

type BrokerSetElect = Extract<BrokerSetCommand, { type: 'brokerSet.elect' }>;

export const brokerSetElectSchema = z.strictObject({
  type: z.literal('brokerSet.elect'),
  name: groupNameSchema,
  expectedMasterEpoch: masterEpochSchema,
  masterEpoch: masterEpochSchema,
  master: controllerIdSchema,
  reason: electionReasonSchema,
  unsafe: z.boolean(),
  recordId: recordIdSchema,
  by: textSchema,
  detail: detailSchema,
  evidence: z.array(historyEvidenceSchema),
  candidates: z.array(brokerCandidateSchema),
  predictedLossBytes: offsetSchema.nullable(),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<BrokerSetElect>;

export function brokerSetElect(store: MutableMetadata, command: BrokerSetElect): Result<null> {
  const found = requireBrokerSet(store, command.name);
  if (!found.ok) return found;
  const set = found.value;
  const fit = judgeElection(set, command);
  if (!fit.ok) return fit;
  const { master, masterEpoch } = command;
  const elected = {
    ...set,
    master,
    masterEpoch,
    syncStateSet: [master],
    syncStateSetEpoch: nextSyncStateSetEpoch(set, command),
    unproven: false,
  };
  changeBrokerSet(store, { ...elected, degraded: isDegraded(elected) });
  moveMasterId(store, set.name, fit.value);
  const { wallMs, detail } = command;
  addBrokerSetRecord(store, {
    id: command.recordId,
    name: set.name,
    cluster: set.cluster,
    reason: command.reason,
    masterEpoch,
    from: set.master,
    to: master,
    by: command.by,
    unsafe: command.unsafe,
    evidence: command.evidence,
    candidates: command.candidates,
    predictedLossBytes: command.predictedLossBytes,
    steps: [historyStep('elected', wallMs, detail)],
    wallMs,
  });
  return accepted(null);
}

/** More changes of its sync state set than any reign sees. */
const CHANGES_PER_REIGN = 65_536;
/** What is left to count up from there: the numbers are those of 32 bits. */
const HIGHEST_LEAP = 2 ** 30;

/**
 * A broker keeps the highest epoch of a sync state set that it was ever told, and heeds none that is not above it. What
 * one knows that had its id before we knew of it nobody can read; its master epochs can be, and they count reigns.
 */
function nextSyncStateSetEpoch(set: BrokerSet, { master, masterEpoch }: BrokerSetElect): number {
  const hadALifeBefore = set.brokers.get(master)?.registerCheckCode === null;
  const leap = hadALifeBefore ? Math.min(masterEpoch * CHANGES_PER_REIGN, HIGHEST_LEAP) : 0;
  return Math.max(set.syncStateSetEpoch, leap) + 1;
}

/** The address of the new master. */
function judgeElection(set: BrokerSet, command: BrokerSetElect): Result<string> {
  const { name, master, masterEpoch, reason } = command;
  const expected = requireEpoch(set, command.expectedMasterEpoch);
  if (!expected.ok) return expected;
  if (masterEpoch <= set.masterEpoch) {
    return refused(
      set.masterEpoch === MAX_EPOCH ? 'limitReached' : 'fencedMasterEpoch',
      `The next master epoch of ${name} is above ${set.masterEpoch}.`,
      { field: 'masterEpoch' },
    );
  }
  const broker = set.brokers.get(master);
  if (broker === undefined)
    return refused('invalidReplicas', `${name} has no broker ${master}.`, { field: 'master' });
  const begins =
    (reason === 'firstMaster' && wasNeverMastered(set)) || (reason === 'adoption' && set.unproven);
  return set.syncStateSet.includes(master) || begins || command.unsafe
    ? accepted(broker.address)
    : refused('notInSyncStateSet', `Broker ${master} of ${name} is not in its sync state set.`, {
        field: 'master',
        expected: set.syncStateSet.join(', '),
      });
}
