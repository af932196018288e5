/**
 * A suspicion that was put to the other nodes and moved nothing. The same suspicion goes on in the same record, so that
 * a network that flaps fills lines and not the history; such records have a share of the history of their own.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import {
  addNote,
  boundedEvidence,
  changeRecord,
  findRecord,
  historyLines,
  historyStep,
  isNote,
  withStep,
} from '../history.ts';
import {
  detailSchema,
  epochSchema,
  groupKeySchema,
  historyCandidateSchema,
  historyEvidenceSchema,
  offsetSchema,
  recordIdSchema,
  suspicionOutcomeSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup, requireReign } from './group-changes.ts';

type HistoryNote = Extract<Command, { type: 'history.note' }>;

export const historyNoteSchema = z.strictObject({
  type: z.literal('history.note'),
  recordId: recordIdSchema,
  key: groupKeySchema,
  epoch: epochSchema,
  reason: z.enum(['masterLost', 'masterRestarted']),
  outcome: suspicionOutcomeSchema,
  step: detailSchema,
  detail: detailSchema,
  evidence: z.array(historyEvidenceSchema),
  candidates: z.array(historyCandidateSchema),
  predictedLossBytes: offsetSchema.nullable(),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<HistoryNote>;

export function historyNote(store: MutableMetadata, command: HistoryNote): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const reign = requireReign(group, command.epoch);
  if (!reign.ok) return reign;
  if (command.candidates.length > LIMITS.replicasPerGroup) {
    return refused('limitReached', `At most ${LIMITS.replicasPerGroup} candidates.`, { field: 'candidates' });
  }
  const { recordId, outcome } = command;
  const step = historyStep(command.step, command.wallMs, command.detail);
  const evidence = boundedEvidence(command.evidence);
  const candidates = historyLines(command.candidates);
  const loss = { predictedBytes: command.predictedLossBytes, measuredBytes: null };
  const kept = findRecord(store, recordId);
  if (kept === null) {
    addNote(store, {
      id: recordId,
      group: group.key,
      reason: command.reason,
      epoch: group.epoch,
      from: group.master,
      to: null,
      by: 'pollux',
      evidence,
      steps: [step],
      candidates,
      loss,
      tail: null,
      outcome,
    });
    return accepted(null);
  }
  if (!isNote(kept) || kept.group !== group.key || kept.epoch !== group.epoch) {
    return refused('duplicateName', `History record ${recordId} is another one.`, { field: 'recordId' });
  }
  if (kept.steps.length >= LIMITS.stepsPerRecord) {
    return refused('limitReached', `Record ${recordId} holds ${LIMITS.stepsPerRecord} steps already.`);
  }
  changeRecord(store, recordId, (record) => ({
    ...withStep(record, step),
    ...(evidence.length === 0 ? {} : { evidence, candidates, loss }),
    outcome,
  }));
  return accepted(null);
}
