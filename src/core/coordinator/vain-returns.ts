/**
 * Replicas that return in vain: they catch up below a member, are let in, and never get through to the master, because
 * just that way is cut. Letting one in holds up the acknowledgements that count on it, so each vain return makes the
 * next one wait longer. What is remembered is the leader's own, and goes with the term.
 */
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { GroupRun } from './group-run.ts';

/** The wait after the first vain return; each further one doubles it. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 120_000;
/** Whoever is removed no later than this after its first chance was never linked. */
const SLACK_MS = 1_500;

export function noteLetIn(run: GroupRun, joining: readonly ReplicaId[], version: number): void {
  for (const id of joining) {
    const times = run.returns.get(id)?.vainTimes ?? 0;
    run.returns.set(id, { version, vainTimes: times, untilMs: Number.NEGATIVE_INFINITY });
  }
}

/** Members are being removed for having been away for `removeAfterMs`. */
export function noteRemoved(
  run: GroupRun,
  removed: readonly ReplicaId[],
  removeAfterMs: number,
  now: Instant,
): void {
  const { granted } = run;
  for (const id of removed) {
    const letIn = run.returns.get(id);
    const isVain =
      letIn !== undefined &&
      granted?.version === letIn.version &&
      now.monotonicMs - granted.versionSinceMs < removeAfterMs + SLACK_MS;
    if (!isVain) {
      run.returns.delete(id);
      continue;
    }
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** letIn.vainTimes);
    run.returns.set(id, {
      ...letIn,
      vainTimes: letIn.vainTimes + 1,
      untilMs: now.monotonicMs + waitMs,
    });
  }
}

/** It has returned in vain, and its next turn has not come. */
export const waitsForItsTurn = (run: GroupRun, id: ReplicaId, now: Instant): boolean =>
  (run.returns.get(id)?.untilMs ?? Number.NEGATIVE_INFINITY) > now.monotonicMs;
