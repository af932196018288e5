/**
 * Promotions that were committed but never became active. Their candidate may have taken writes before it was given
 * up, so a later promotion has to know where its stream branched off. The phase is gone by then; the history record
 * of the move names the candidate and its offset.
 */
import { isNote } from '../metadata/history.ts';
import type { BrokerGroup, HistoryRecord } from '../metadata/state.ts';
import type { Epoch, ReplicaId } from '../primitives/identifiers.ts';

export type Attempt = { readonly epoch: Epoch; readonly candidate: ReplicaId; readonly cut: bigint };

/** Oldest first; those after the newest reign and those that a later reign has ended. */
export function unfinishedPromotions(
  group: Pick<BrokerGroup, 'key'>,
  history: readonly HistoryRecord[],
): Attempt[] {
  const attempts: Attempt[] = [];
  for (const record of history) {
    if (
      record.group !== group.key ||
      isNote(record) ||
      record.outcome === 'completed' ||
      record.outcome === 'reinstated'
    )
      continue;
    const chosen = record.candidates.find((candidate) => candidate.chosen);
    if (chosen !== undefined && chosen.offset !== null)
      attempts.push({ epoch: record.epoch, candidate: chosen.replica, cut: chosen.offset });
  }
  return attempts.sort((one, other) => one.epoch - other.epoch);
}
