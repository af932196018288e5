/** What is added to the record of a failover after it: the old master's return, and what its tail says of the loss. */
import type { ServerReport } from '../liveness/observation.ts';
import { findMove, historyStep } from '../metadata/history.ts';
import type { BrokerGroup, HistoryRecord } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';

/** The record of the reign that runs, where the master of the reign before is named. */
export const recordOfFailover = (context: Context, group: BrokerGroup): HistoryRecord | null =>
  findMove(context.state(), group.key, group.epoch);

/**
 * Bytes that a former master holds beyond the cut. Null where it came back under another stream id, as it does after a
 * restart without it: its offset then counts something else.
 */
function tailBytes(group: BrokerGroup, report: ServerReport): bigint | null {
  const [before, running] = group.reigns.slice(-2);
  if (before === undefined || running === undefined || report.lineage !== before.lineage) return null;
  return report.offset > running.cut ? report.offset - running.cut : 0n;
}

function tailText(record: HistoryRecord, bytes: bigint | null): string {
  if (bytes === null)
    return 'under another stream id, so that what it held beyond the cut cannot be measured';
  if (bytes === 0n) return 'nothing beyond the cut';
  const lost =
    record.loss.predictedBytes === 0n
      ? 'none of it acknowledged under the policy'
      : 'acknowledged writes may be among them';
  return `${bytes} bytes beyond the cut, pings and expiries included; ${lost}`;
}

export function noteFencedReturn(
  context: Context,
  group: BrokerGroup,
  replica: ReplicaId,
  report: ServerReport,
  now: Instant,
): void {
  const record = recordOfFailover(context, group);
  if (record === null || record.from !== replica || record.to === replica) return;
  const bytes = tailBytes(group, report);
  const detail = `${replica} came back and is fenced at offset ${report.offset}: ${tailText(record, bytes)}`;
  addStep(context, record, { step: 'oldMasterFenced', detail, measuredLossBytes: bytes }, now);
}

type Line = { readonly step: string; readonly detail: string; readonly measuredLossBytes: bigint | null };

/** Once a step; `once: 'line'`: the same step may follow again if it says something else. What is full takes nothing. */
function mayAddStep({ steps }: HistoryRecord, line: Line, once: 'step' | 'line'): boolean {
  if (steps.length >= LIMITS.stepsPerRecord) return false;
  const asKept = historyStep(line.step, 0, line.detail);
  return !steps.some(
    ({ step, detail }) => step === asKept.step && (once === 'step' || detail === asKept.detail),
  );
}

export function addStep(
  context: Context,
  record: HistoryRecord | null,
  line: Line,
  now: Instant,
  once: 'step' | 'line' = 'step',
): void {
  if (record === null || !mayAddStep(record, line, once)) return;
  context.emit({
    kind: 'propose',
    command: { type: 'history.addStep', recordId: record.id, ...line, wallMs: now.wallMs },
    asker: null,
  });
}
