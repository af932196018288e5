/**
 * The master is dead and nobody can be elected: the set has none, one epoch on. Its sync state set stays, for whoever of it
 * comes back holds all that was acknowledged.
 */
import { z } from 'zod';
import { MAX_EPOCH } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { addBrokerSetRecord } from '../broker-set-history.ts';
import { isDegraded } from '../broker-set-queries.ts';
import { brokerCandidateSchema, masterEpochSchema } from '../broker-set-schemas.ts';
import { historyStep } from '../history.ts';
import { moveMasterId } from '../registration-table.ts';
import {
  detailSchema,
  groupNameSchema,
  historyEvidenceSchema,
  recordIdSchema,
  textSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { changeBrokerSet, requireBrokerSet, requireEpoch } from './broker-set-changes.ts';

type BrokerSetLoseMaster = Extract<BrokerSetCommand, { type: 'brokerSet.loseMaster' }>;

export const brokerSetLoseMasterSchema = z.strictObject({
  type: z.literal('brokerSet.loseMaster'),
  name: groupNameSchema,
  expectedMasterEpoch: masterEpochSchema,
  recordId: recordIdSchema,
  by: textSchema,
  detail: detailSchema,
  evidence: z.array(historyEvidenceSchema),
  candidates: z.array(brokerCandidateSchema),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<BrokerSetLoseMaster>;

export function brokerSetLoseMaster(store: MutableMetadata, command: BrokerSetLoseMaster): Result<null> {
  const found = requireBrokerSet(store, command.name);
  if (!found.ok) return found;
  const set = found.value;
  const expected = requireEpoch(set, command.expectedMasterEpoch);
  if (!expected.ok) return expected;
  if (set.master === null) return refused('notActive', `${set.name} has no master.`, { field: 'name' });
  if (set.masterEpoch >= MAX_EPOCH)
    return refused('limitReached', `${set.name} is in the last epoch there is.`);
  const masterEpoch = set.masterEpoch + 1;
  const lost = { ...set, master: null, masterEpoch };
  changeBrokerSet(store, { ...lost, degraded: isDegraded(lost) });
  moveMasterId(store, set.name, null);
  const { wallMs, detail } = command;
  addBrokerSetRecord(store, {
    id: command.recordId,
    name: set.name,
    cluster: set.cluster,
    reason: 'masterLost',
    masterEpoch,
    from: set.master,
    to: null,
    by: command.by,
    unsafe: false,
    evidence: command.evidence,
    candidates: command.candidates,
    predictedLossBytes: null,
    steps: [historyStep('master lost', wallMs, detail)],
    wallMs,
  });
  return accepted(null);
}
