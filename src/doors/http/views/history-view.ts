/** A kept record of a move, or of a suspicion that moved nothing. */
import type { HistoryRecordAnswer } from '../../../contract/history.ts';
import type { HistoryRecord } from '../../../core/metadata/state.ts';
import { keyParts } from './key-parts.ts';
import { tailView } from './tail-view.ts';

export const historyView = (record: HistoryRecord): HistoryRecordAnswer => ({
  ...record,
  ...keyParts(record.group),
  evidence: [...record.evidence],
  steps: [...record.steps],
  candidates: record.candidates.map((candidate) => ({
    ...candidate,
    offset: candidate.offset?.toString() ?? null,
  })),
  tail: record.tail === null ? null : tailView(record.tail),
  loss: {
    predictedBytes: record.loss.predictedBytes?.toString() ?? null,
    measuredBytes: record.loss.measuredBytes?.toString() ?? null,
  },
});
