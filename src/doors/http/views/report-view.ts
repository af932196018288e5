/** A server's report and what a probe made of it, with offsets as decimal text. */
import type { EvidenceAnswer, ProbeOutcomeAnswer, ServerReportAnswer } from '../../../contract/evidence.ts';
import type { EvidenceRow } from '../../../core/coordinator/views.ts';
import type { ProbeOutcome, ServerReport } from '../../../core/liveness/observation.ts';

export const reportView = (report: ServerReport): ServerReportAnswer => ({
  ...report,
  secondOffset: report.secondOffset.toString(),
  offset: report.offset.toString(),
});

const outcomeView = (outcome: ProbeOutcome): ProbeOutcomeAnswer =>
  outcome.kind === 'answered' ? { ...outcome, report: reportView(outcome.report) } : outcome;

export const evidenceView = (row: EvidenceRow): EvidenceAnswer => ({
  vantage: row.vantage,
  standing: row.standing,
  ageMs: row.ageMs,
  answerMs: row.answerMs,
  outcome: outcomeView(row.outcome),
});
