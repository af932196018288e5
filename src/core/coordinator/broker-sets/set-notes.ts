/**
 * The history of suspicions that moved nothing: one record a doubt, with lines that become rarer the longer it lasts. The
 * node's own log has every round.
 */
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { HistoryEvidence } from '../../metadata/state-parts.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { SetContext } from './set-context.ts';
import type { SetRun } from './set-run.ts';

export type NotedSuspicion = {
  readonly outcome: 'refuted' | 'undecided' | 'automaticStopped' | 'coolingDown';
  readonly detail: string;
  readonly evidence: readonly HistoryEvidence[];
};

export function noteSuspicion(
  sets: SetContext,
  set: BrokerSet,
  _run: SetRun,
  { outcome, detail }: NotedSuspicion,
  _now: Instant,
): void {
  sets.context.log('info', 'brokerSet.suspicionEnded', { set: set.name, outcome, detail });
}
