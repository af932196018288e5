/**
 * Moves and suspicions as they end, counted by the node that leads at that moment, so that a sum over the nodes is right.
 * How long the phases of a move took is in its record; moves that ended before this process began are not counted.
 */
import type { TierEvent } from '../core/coordinator/effects.ts';
import { isNote } from '../core/metadata/history.ts';
import type { HistoryRecord } from '../core/metadata/state.ts';
import type { NodeFace } from '../core/node/face.ts';
import type { NodeMetrics as Measures } from '../platform/metrics.ts';

export type MoveMeasures = {
  published(event: TierEvent): void;
  logged(event: string, fields: Readonly<Record<string, unknown>>): void;
};

/** Time from the suspicion to the first phase, of each phase, and of the whole; where nobody was suspected, of the phases. */
function phasesOf({ evidence, steps }: HistoryRecord): [phase: string, ms: number][] {
  const at = (name: string) => steps.find(({ step }) => step === name)?.wallMs;
  const [fencing, promoting, active] = [at('fencing'), at('promoting'), at('active')];
  const suspected = evidence.find(({ detail }) => detail.startsWith('suspected'))?.wallMs;
  const spans: [string, number | undefined, number | undefined][] = [
    ['confirming', suspected, fencing],
    ['fencing', fencing, promoting],
    ['promoting', promoting, active],
    ['whole', suspected ?? fencing, active],
  ];
  // Steps of two leaders are of two wall clocks; a span that is negative for that says nothing.
  return spans.flatMap(([phase, from, to]) =>
    from === undefined || to === undefined || to < from ? [] : [[phase, to - from]],
  );
}

export function moveMeasures(
  measures: Measures,
  face: Pick<NodeFace, 'state' | 'status'>,
  startedWallMs: number,
): MoveMeasures {
  let counted = new Set<string>();
  return {
    published(event) {
      if (event.type !== 'groupPhase') return;
      const leads = face.status().role === 'leader';
      const { history } = face.state();
      const kept = new Set(history.map(({ id }) => id));
      counted = new Set([...counted].filter((id) => kept.has(id)));
      for (const record of history) {
        if (record.group !== event.group || record.outcome === 'running' || isNote(record)) continue;
        if (counted.has(record.id) || (record.steps.at(-1)?.wallMs ?? 0) < startedWallMs) continue;
        counted.add(record.id);
        // Whoever leads counts; all others remember that it is counted, for the day on which they lead.
        if (!leads) continue;
        const { reason, outcome } = record;
        measures.add('pollux_moves_total', { reason, outcome }, 1);
        for (const [phase, ms] of phasesOf(record))
          measures.observe('pollux_move_phase_seconds', { phase }, ms / 1_000);
      }
    },
    logged(event, { outcome, by, verdict }) {
      if (event === 'suspicion.ended')
        measures.add('pollux_suspicions_total', { outcome: String(outcome) }, 1);
      if (event === 'failover.fencing' && by === 'pollux')
        measures.add('pollux_suspicions_total', { outcome: 'carriedOut' }, 1);
      if (event === 'master.judged')
        measures.add('pollux_confirmations_total', { verdict: String(verdict) }, 1);
    },
  };
}
