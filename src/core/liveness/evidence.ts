/**
 * What one vantage (this node, or another node whose observations were passed on) has seen of each replica.
 * Newest of each kind is kept, nothing is judged here, and nothing here is ever replicated.
 *
 * Invariant: every moment is a `monotonicMs` of the clock of the node that keeps the book; observations that
 * arrive out of order never take an entry back.
 */

import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Observation, ProbeOutcome, ReplicaRef, ServerReport } from './observation.ts';

/** Replicas that one book keeps; observations of further ones are not taken. */
export const EVIDENCE_ENTRIES = LIMITS.groups * LIMITS.replicasPerGroup;

/** Weight of the newest answer in the smoothed answer time, as TCP weighs its round trips. */
const SMOOTHING = 1 / 8;

/** Proof that a slave received bytes of its master's stream later than `afterMs`. */
export type Receipt = { readonly afterMs: number; readonly fromAddress: string };

export type ReplicaEvidence = {
  readonly newest: { readonly outcome: ProbeOutcome; readonly atMs: number };
  /** Newest answer that carried a report; null when it never answered this vantage. */
  readonly answered: {
    readonly report: ServerReport;
    readonly atMs: number;
    readonly answerMs: number;
  } | null;
  /** Newest sign of life of any kind, an error answer included. Null: this vantage never reached it. */
  readonly heardAtMs: number | null;
  /** Newest sign of life on the established connection. */
  readonly establishedHeardAtMs: number | null;
  /** Smoothed answer time; null before the first answer. */
  readonly answerMs: number | null;
  /** The established probe connection: never seen, answering when last used, or closed by the other side. */
  readonly link: 'none' | 'up' | 'down';
  readonly disconnectedAtMs: number | null;
  /** Newest refusal of a new connection. */
  readonly refusedAtMs: number | null;
  readonly silentAtMs: number | null;
  /** Slave: newest proof of receipt. */
  readonly receipt: Receipt | null;
  /** Slave: newest answer that showed its replication link up with no full resync under way. */
  readonly linkedAtMs: number | null;
};

const NOTHING_SEEN: Omit<ReplicaEvidence, 'newest'> = {
  answered: null,
  heardAtMs: null,
  establishedHeardAtMs: null,
  answerMs: null,
  link: 'none',
  disconnectedAtMs: null,
  refusedAtMs: null,
  silentAtMs: null,
  receipt: null,
  linkedAtMs: null,
};

const later = (one: number | null, other: number): number => (one === null ? other : Math.max(one, other));

/**
 * The latest moment after which this answer proves that bytes of the master arrived. An answer speaks of a moment
 * no earlier than its request was sent, and `lastReceivedSecondsAgo` is rounded down, so both bounds are the
 * pessimistic ends. A higher offset than in the answer before proves receipt after that answer was asked for.
 */
function receiptShown(
  previous: ReplicaEvidence['answered'],
  report: ServerReport,
  atMs: number,
  answerMs: number,
): Receipt | null {
  const follows = report.follows;
  if (follows === null || !follows.linkUp || follows.lastReceivedSecondsAgo < 0) return null;
  let afterMs = atMs - answerMs - (follows.lastReceivedSecondsAgo + 1) * 1_000;
  const before = previous?.report;
  const sameStream =
    before !== undefined &&
    before.incarnation === report.incarnation &&
    before.lineage === report.lineage &&
    before.follows?.address === follows.address;
  if (previous !== null && sameStream && report.offset > previous.report.offset) {
    afterMs = Math.max(afterMs, previous.atMs - previous.answerMs);
  }
  return { afterMs, fromAddress: follows.address };
}

function newestReceipt(kept: Receipt | null, shown: Receipt | null): Receipt | null {
  if (shown === null || kept === null || kept.fromAddress !== shown.fromAddress) return shown ?? kept;
  return shown.afterMs > kept.afterMs ? shown : kept;
}

function absorbAnswer(
  evidence: ReplicaEvidence,
  observation: Observation,
  outcome: Extract<ProbeOutcome, { kind: 'answered' | 'answeredError' }>,
  atMs: number,
): ReplicaEvidence {
  const smoothed =
    evidence.answerMs === null
      ? outcome.answerMs
      : evidence.answerMs + (outcome.answerMs - evidence.answerMs) * SMOOTHING;
  const heard: ReplicaEvidence = {
    ...evidence,
    heardAtMs: later(evidence.heardAtMs, atMs),
    establishedHeardAtMs: observation.fresh
      ? evidence.establishedHeardAtMs
      : later(evidence.establishedHeardAtMs, atMs),
    answerMs: smoothed,
    link: observation.fresh || (evidence.disconnectedAtMs ?? -Infinity) > atMs ? evidence.link : 'up',
  };
  if (outcome.kind === 'answeredError') return heard;
  if (evidence.answered !== null && evidence.answered.atMs > atMs) return heard;
  const report = outcome.report;
  const restarted = evidence.answered !== null && evidence.answered.report.incarnation !== report.incarnation;
  const shown = receiptShown(evidence.answered, report, atMs, outcome.answerMs);
  const linked = report.follows?.linkUp === true && !report.follows.syncing && !report.loading;
  return {
    ...heard,
    answered: { report, atMs, answerMs: outcome.answerMs },
    receipt: newestReceipt(restarted ? null : evidence.receipt, shown),
    linkedAtMs: linked ? atMs : restarted ? null : evidence.linkedAtMs,
  };
}

/** The evidence after one more observation, seen at `atMs`. Pure; exported for the rules' tests. */
export function absorb(
  kept: ReplicaEvidence | null,
  observation: Observation,
  atMs: number,
): ReplicaEvidence {
  const outcome = observation.outcome;
  const newest = kept === null || kept.newest.atMs <= atMs ? { outcome, atMs } : kept.newest;
  const evidence: ReplicaEvidence = { ...(kept ?? NOTHING_SEEN), newest };
  switch (outcome.kind) {
    case 'answered':
    case 'answeredError':
      return absorbAnswer(evidence, observation, outcome, atMs);
    case 'disconnected': {
      // The end of a fresh connection says nothing of the established one.
      if (observation.fresh || (evidence.establishedHeardAtMs ?? -Infinity) > atMs) return evidence;
      // Reconnecting in vain does not move the moment at which the connection died.
      if (evidence.link === 'down') return evidence;
      return { ...evidence, link: 'down', disconnectedAtMs: atMs };
    }
    case 'refused': {
      const refused = { ...evidence, refusedAtMs: later(evidence.refusedAtMs, atMs) };
      // A driver that had to open its established connection anew has lost the one before.
      if (
        observation.fresh ||
        evidence.link !== 'up' ||
        (evidence.establishedHeardAtMs ?? -Infinity) > atMs
      ) {
        return refused;
      }
      return { ...refused, link: 'down', disconnectedAtMs: atMs };
    }
    case 'silent':
      return { ...evidence, silentAtMs: later(evidence.silentAtMs, atMs) };
  }
}

const keyOf = (ref: ReplicaRef): string => `${ref.group} ${ref.replica}`;

export class EvidenceBook {
  readonly #entries = new Map<string, { readonly ref: ReplicaRef; evidence: ReplicaEvidence }>();

  /**
   * Takes one observation, seen at `seenAt` (for one that another node passed on: now less its age). False when the
   * book is full and the replica is new to it.
   */
  record(observation: Observation, seenAt: Instant): boolean {
    const key = keyOf(observation.ref);
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.evidence = absorb(entry.evidence, observation, seenAt.monotonicMs);
      return true;
    }
    if (this.#entries.size >= EVIDENCE_ENTRIES) return false;
    this.#entries.set(key, { ref: observation.ref, evidence: absorb(null, observation, seenAt.monotonicMs) });
    return true;
  }

  of(ref: ReplicaRef): ReplicaEvidence | null {
    return this.#entries.get(keyOf(ref))?.evidence ?? null;
  }

  /** For a replica that is no longer declared, or whose address changed: what was seen there is void. */
  forget(ref: ReplicaRef): void {
    this.#entries.delete(keyOf(ref));
  }

  /** Everything kept, in the order in which replicas were first seen. */
  *entries(): IterableIterator<{ readonly ref: ReplicaRef; readonly evidence: ReplicaEvidence }> {
    yield* this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }
}
