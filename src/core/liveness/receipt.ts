/**
 * What slaves testify of their master. A link that says `up` proves nothing (with the master stopped it stays up
 * until the replication timeout); bytes received after the master last answered this vantage do.
 */
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { ReplicaEvidence } from './evidence.ts';
import type { ServerReport } from './observation.ts';

/** A master that lives sends its slaves at least a ping in this time; preflight sees to that setting. */
const PING_PERIOD_MS = 1_000;
/** For scheduling, and for the way of a ping and of a probe. */
const PING_SLACK_MS = 100;

/**
 * The time within which a live master on an idle stream shows itself through its slaves: a ping is due, and it takes
 * two probes of a slave to tell that it came after a given moment.
 */
export const pingShowsMs = (probeIntervalMs: number): number =>
  PING_PERIOD_MS + 2 * probeIntervalMs + PING_SLACK_MS;

/** Two pings in a row that were late leave a slave less behind than this. */
const SILENT_LINK_SECONDS = 3;

/**
 * How long a slave's link has certainly brought nothing, although it says `up`: a network that drops packets leaves it
 * up for a minute. Zero while its master may just have had nothing to say. Servers count whole seconds of their clock, so
 * one less is certain.
 */
export function silentLinkForMs({ follows }: ServerReport): number {
  if (follows === null || !follows.linkUp || follows.lastReceivedSecondsAgo < SILENT_LINK_SECONDS) return 0;
  return (follows.lastReceivedSecondsAgo - 1) * 1_000;
}

export type FollowerEvidence = { readonly replica: ReplicaId; readonly evidence: ReplicaEvidence | null };

/** What the window of a receipt follows from. */
export type Pace = { readonly detectionMs: number; readonly probeIntervalMs: number };

/** How long a slave's newest receipt speaks for its master, in milliseconds. */
export const receiptWindowMs = ({ detectionMs, probeIntervalMs }: Pace): number =>
  Math.max(detectionMs, pingShowsMs(probeIntervalMs));

/**
 * The slave that gives the newest proof of receipt from `masterAddress` later than `sinceMs`, within the window
 * before `nowMs`; null when none does. A slave that meanwhile says its link is down takes its word back.
 */
export function stillReceiving(
  followers: readonly FollowerEvidence[],
  masterAddress: string,
  sinceMs: number,
  nowMs: number,
  pace: Pace,
): { readonly replica: ReplicaId; readonly afterMs: number } | null {
  const earliestMs = Math.max(sinceMs, nowMs - receiptWindowMs(pace));
  let best: { readonly replica: ReplicaId; readonly afterMs: number } | null = null;
  for (const { replica, evidence } of followers) {
    const receipt = evidence?.receipt ?? null;
    const follows = evidence?.answered?.report.follows ?? null;
    if (receipt === null || receipt.fromAddress !== masterAddress || receipt.afterMs <= earliestMs) continue;
    if (follows === null || !follows.linkUp || follows.address !== masterAddress) continue;
    if (best === null || receipt.afterMs > best.afterMs) best = { replica, afterMs: receipt.afterMs };
  }
  return best;
}

/** Slaves' replication links to `masterAddress`, by answers later than `sinceMs` only. */
export function linksSince(
  followers: readonly FollowerEvidence[],
  masterAddress: string,
  sinceMs: number,
): { readonly up: readonly ReplicaId[]; readonly down: readonly ReplicaId[] } {
  const up: ReplicaId[] = [];
  const down: ReplicaId[] = [];
  for (const { replica, evidence } of followers) {
    const answered = evidence?.answered ?? null;
    const follows = answered?.report.follows ?? null;
    if (answered === null || follows === null || follows.address !== masterAddress) continue;
    // The answer speaks of a moment no earlier than its request was sent.
    if (answered.atMs - answered.answerMs < sinceMs) continue;
    (follows.linkUp ? up : down).push(replica);
  }
  return { up, down };
}
