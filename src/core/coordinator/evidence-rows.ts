/** What this node sees, as a table for operators and as a message for the other nodes. */
import type { ReplicaEvidence } from '../liveness/evidence.ts';
import { findGroup } from '../metadata/queries.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';
import type { CoordinatorMessage } from './messages.ts';
import type { SharedObservation } from './vantages.ts';
import type { EvidenceRow } from './views.ts';

/** Observations in one message to another node; further ones follow in the next messages. */
const SHARED_AT_ONCE = 500;

function standingOf(
  evidence: Pick<ReplicaEvidence, 'heardAtMs'>,
  detectionMs: number,
  now: Instant,
): EvidenceRow['standing'] {
  if (evidence.heardAtMs === null) return 'unknown';
  return now.monotonicMs - evidence.heardAtMs < detectionMs ? 'alive' : 'suspect';
}

/** Own evidence first, then what other nodes told; rows of undeclared groups are left out. */
export function evidenceRows(context: Context, now: Instant): EvidenceRow[] {
  const rows: EvidenceRow[] = [];
  for (const { ref, evidence } of context.book.entries()) {
    const group = findGroup(context.state(), ref.group);
    if (group === null) continue;
    rows.push({
      vantage: context.options.self,
      ...ref,
      outcome: evidence.newest.outcome,
      ageMs: now.monotonicMs - evidence.newest.atMs,
      answerMs: evidence.answerMs,
      standing: standingOf(evidence, group.detectionMs, now),
    });
  }
  for (const { node, observation, seenMs } of context.vantages.rows()) {
    const group = findGroup(context.state(), observation.ref.group);
    if (group === null) continue;
    const { outcome, ref } = observation;
    const answered = outcome.kind === 'answered' || outcome.kind === 'answeredError';
    rows.push({
      vantage: node,
      ...ref,
      outcome,
      ageMs: now.monotonicMs - seenMs,
      answerMs: answered ? outcome.answerMs : null,
      standing: standingOf(
        { heardAtMs: answered ? seenMs : Number.NEGATIVE_INFINITY },
        group.detectionMs,
        now,
      ),
    });
  }
  return rows;
}

/** The next portion of this node's evidence; portions take turns, so that all of it is told in time. */
function sharedEvidence(context: Context, now: Instant): SharedObservation[] {
  const all = [...context.book.entries()];
  if (all.length === 0) return [];
  const from = context.shareCursor % all.length;
  const portion = all.length <= SHARED_AT_ONCE ? all : all.slice(from, from + SHARED_AT_ONCE);
  context.shareCursor = from + portion.length;
  return portion.map(({ ref, evidence }) => ({
    observation: { ref, fresh: false, outcome: evidence.newest.outcome },
    ageMs: now.monotonicMs - evidence.newest.atMs,
  }));
}

/** Every node tells the others what it sees; the leader, what it makes of it. */
export function shareWithOthers(context: Context, now: Instant): void {
  const messages: CoordinatorMessage[] = [{ type: 'evidence', observations: sharedEvidence(context, now) }];
  if (context.leads(now)) {
    const alerts = context.alerts.list().slice(0, LIMITS.alertsShared);
    messages.push({ type: 'alerts', term: context.leadership.term, alerts });
  }
  for (const { node } of context.options.voters) {
    if (node === context.options.self) continue;
    for (const message of messages) context.emit({ kind: 'send', to: node, message });
  }
}
