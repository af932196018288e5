/**
 * Does a master look dead from one vantage? Suspicion costs nothing but a question to the other nodes; still, it
 * abstains rather than accuse when this node's own clock or event loop is the likelier culprit.
 */
import type { Incarnation } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { ReplicaEvidence } from './evidence.ts';
import {
  type FollowerEvidence,
  linksSince,
  pingShowsMs,
  receiptWindowMs,
  stillReceiving,
} from './receipt.ts';
import { CONFIRMATION_PROBE_MS } from './testimony.ts';

export type Suspicion =
  | { readonly kind: 'alive' }
  | {
      readonly kind: 'suspect';
      readonly path: 'silence' | 'fast' | 'restarted' | 'loading';
      readonly detail: string;
    }
  /** Something speaks for the master: nothing may be done. `alert` once that is worth an operator's look. */
  | { readonly kind: 'held'; readonly alert: boolean; readonly detail: string }
  /** `alert` once that has lasted: nobody but an operator may know better. */
  | { readonly kind: 'abstain'; readonly alert: boolean; readonly detail: string };

export type VantageInput = {
  /** This vantage's evidence of the master; null when it never observed it. */
  readonly master: ReplicaEvidence | null;
  /** The process that reigns by the committed state. */
  readonly incarnation: Incarnation;
  /** Address that the slaves were told to follow. */
  readonly masterAddress: string;
  /** The group's other replicas. */
  readonly followers: readonly FollowerEvidence[];
  readonly detectionMs: number;
  /** How often every replica is probed here. */
  readonly probeIntervalMs: number;
  readonly now: Instant;
  /** Monotonic moment since which this vantage watches the group without a gap. */
  readonly watchingSinceMs: number;
  /** Monotonic end of the last stall of the event loop or jump of the clock; null when there was none. */
  readonly stalledUntilMs: number | null;
};

/** A tier that starts, and its servers, are given this time to find each other. */
const NEVER_REACHED_MS = 5_000;

/** Why this vantage must not judge at the moment, or null. */
export function reasonToAbstain(
  input: Pick<VantageInput, 'detectionMs' | 'now' | 'stalledUntilMs'>,
): string | null {
  if (input.stalledUntilMs === null) return null;
  const sinceStallMs = input.now.monotonicMs - input.stalledUntilMs;
  return sinceStallMs < input.detectionMs
    ? `this node stalled or its clock jumped ${Math.max(0, Math.round(sinceStallMs))} ms ago`
    : null;
}

function judgeAnswer(input: VantageInput, master: ReplicaEvidence): Suspicion | null {
  const answered = master.answered;
  if (answered === null) return null;
  const { report } = answered;
  if (report.incarnation !== input.incarnation) {
    return {
      kind: 'suspect',
      path: 'restarted',
      detail: `it answers as another process (${report.incarnation} instead of ${input.incarnation})`,
    };
  }
  if (report.loading) {
    return { kind: 'suspect', path: 'loading', detail: 'it answers that it is loading its data' };
  }
  return null;
}

/**
 * The fast path needs all three: the established connection died, a new one was refused since, and by answers given
 * since at least one slave's link is down and none is up. Each alone has an innocent cause (a closed idle
 * connection, a full client table or a changed bind address, one slave's network).
 */
function judgeFast(input: VantageInput, master: ReplicaEvidence): Suspicion | null {
  const diedMs = master.disconnectedAtMs;
  if (master.link !== 'down' || diedMs === null || (master.heardAtMs ?? -Infinity) > diedMs) return null;
  if (master.refusedAtMs === null || master.refusedAtMs < diedMs) return null;
  const links = linksSince(input.followers, input.masterAddress, diedMs);
  if (links.down.length === 0 || links.up.length > 0) return null;
  return {
    kind: 'suspect',
    path: 'fast',
    detail: `its connection died, a new one was refused, link down at ${links.down.join(', ')}`,
  };
}

function judgeSilence(input: VantageInput, heardAtMs: number): Suspicion {
  const { followers, masterAddress, probeIntervalMs, now } = input;
  const silentMs = now.monotonicMs - heardAtMs;
  if (silentMs < input.detectionMs) return { kind: 'alive' };
  const heard = `nothing heard for ${Math.round(silentMs)} ms`;
  // The others are asked so early that their answers are due when slaves that hear the master must have shown it.
  const aheadMs = Math.max(0, CONFIRMATION_PROBE_MS - probeIntervalMs);
  const receiving = stillReceiving(followers, masterAddress, heardAtMs, now.monotonicMs, input);
  if (receiving !== null) {
    // A slave's last bytes from just after the last answer only mean that its next ping is waited for.
    const alert = receiving.afterMs - heardAtMs >= input.detectionMs;
    const isOver = now.monotonicMs - receiving.afterMs >= receiptWindowMs(input) - aheadMs;
    if (alert || !isOver)
      return { kind: 'held', alert, detail: `${heard}, but ${receiving.replica} received from it since` };
  } else {
    const { up } = linksSince(followers, masterAddress, heardAtMs);
    if (up.length > 0 && silentMs < pingShowsMs(probeIntervalMs) - aheadMs)
      return { kind: 'held', alert: false, detail: `${heard}, and the next ping to ${up.join(', ')} is due` };
  }
  return { kind: 'suspect', path: 'silence', detail: heard };
}

/** Judges a master of an active reign by the evidence of one vantage. */
export function suspect(input: VantageInput): Suspicion {
  const stall = reasonToAbstain(input);
  if (stall !== null) return { kind: 'abstain', alert: false, detail: stall };
  const watchedMs = input.now.monotonicMs - input.watchingSinceMs;
  if (watchedMs < input.detectionMs) {
    return { kind: 'abstain', alert: false, detail: `watching for ${Math.round(watchedMs)} ms only` };
  }
  const master = input.master;
  if (master === null || master.heardAtMs === null) {
    const alert = watchedMs >= NEVER_REACHED_MS;
    return { kind: 'abstain', alert, detail: 'this node has never reached it since it was started' };
  }
  const decided = judgeAnswer(input, master) ?? judgeFast(input, master);
  if (decided !== null) return decided;
  const silence = judgeSilence(input, master.heardAtMs);
  if (silence.kind !== 'alive') return silence;
  if (master.answered !== null && master.answered.report.role === 'slave') {
    return { kind: 'held', alert: true, detail: 'it answers, but as a slave: somebody else has steered it' };
  }
  return silence;
}
