/** The record of the reign that runs: it goes on after the failover that began it. */
import type { BrokerGroup, HistoryRecord } from '../metadata/state.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';

/** It names the master of the reign before; null where it is not kept any more. */
export const recordOfReign = (context: Context, group: BrokerGroup): HistoryRecord | null =>
  context.state().history.findLast((record) => record.group === group.key && record.epoch === group.epoch) ??
  null;

export function addHistoryStep(
  context: Context,
  record: HistoryRecord | null,
  step: string,
  detail: string,
  now: Instant,
): void {
  if (record === null) return;
  context.emit({
    kind: 'propose',
    command: { type: 'history.addStep', recordId: record.id, step, detail, wallMs: now.wallMs },
    asker: null,
  });
}
