/**
 * Lines in the record of the reign that runs: role changes that were acknowledged, and suspicions that moved nothing. A
 * doubt that lasts is written down more and more rarely, and never takes the room of the acknowledgements; the node's own
 * log has every round.
 */
import type { BrokerSet, BrokerSetRecord } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { SetContext } from './set-context.ts';
import type { SetRun } from './set-run.ts';

export type NotedSuspicion = {
  readonly outcome: 'refuted' | 'undecided' | 'automaticStopped' | 'coolingDown';
  readonly detail: string;
};

/** Before the second line about the same outcome; each further one waits twice as long. */
const NEXT_LINE_MS = { first: 10_000, longest: 600_000 } as const;

/** The record of the election, or of the loss, that the running master epoch began with. */
export function recordOf(sets: SetContext, { name, masterEpoch }: BrokerSet): BrokerSetRecord | null {
  const { brokerSetHistory } = sets.context.state();
  return brokerSetHistory.findLast((kept) => kept.name === name && kept.masterEpoch === masterEpoch) ?? null;
}

function addLine(
  sets: SetContext,
  { id }: BrokerSetRecord,
  step: string,
  detail: string,
  now: Instant,
): void {
  const command = { type: 'brokerSet.addStep', recordId: id, step, detail, wallMs: now.wallMs } as const;
  sets.context.emit({ kind: 'propose', command, asker: null });
}

export function noteSuspicion(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  { outcome, detail }: NotedSuspicion,
  now: Instant,
): void {
  sets.context.log('info', 'brokerSet.suspicionEnded', { set: set.name, outcome, detail });
  const before = run.noted.get(outcome) ?? null;
  if (before !== null) {
    const waitMs = Math.min(NEXT_LINE_MS.longest, NEXT_LINE_MS.first * 2 ** Math.min(before.lines - 1, 10));
    if (now.monotonicMs - before.atMs < waitMs) return;
  }
  const record = recordOf(sets, set);
  if (record === null || record.steps.length >= LIMITS.stepsPerRecord - LIMITS.brokersPerSet) return;
  if (!sets.context.mayNote(now)) return;
  run.noted.set(outcome, { atMs: now.monotonicMs, lines: (before?.lines ?? 0) + 1 });
  addLine(sets, record, outcome, detail.slice(0, LIMITS.textCharacters), now);
}

/** Said once, whoever leads by then. */
export function noteAcknowledged(sets: SetContext, set: BrokerSet, brokerId: number, now: Instant): void {
  const record = recordOf(sets, set);
  const detail = `broker ${brokerId} has acknowledged its role`;
  if (record === null || record.steps.length >= LIMITS.stepsPerRecord) return;
  if (record.steps.some((step) => step.detail === detail)) return;
  addLine(sets, record, 'roleAcknowledged', detail, now);
}
