/**
 * Servers that come back catch up some at a time. Each of them may need all data of its group; a tier that lets hundreds
 * in at once fills its lines and its masters' memory, and none is done sooner. Members that follow a new master are not
 * counted: they go on from where they are, and writes wait for them.
 *
 * Invariant: at most `limit` servers are let in and not yet through. One that is told to follow and never begins, or that
 * is gone, does not keep its place.
 */
import type { ReplicaEvidence } from '../liveness/evidence.ts';
import type { ReplicaRef } from '../liveness/observation.ts';
import { LIMITS } from '../primitives/limits.ts';

/** A server that was told to follow shows within this time that it does; a resync of any length is seen going on. */
const BEGINS_WITHIN_MS = 5_000;

type LetIn = { readonly ref: ReplicaRef; readonly sinceMs: number };

export class Resyncs {
  readonly #limit: number;
  readonly #letIn = new Map<string, LetIn>();

  constructor(limit: number = LIMITS.resyncsAtOnce) {
    this.#limit = limit;
  }

  /** Whether the server may begin, or go on, to catch up now. True takes a place. */
  admits(ref: ReplicaRef, evidenceOf: (ref: ReplicaRef) => ReplicaEvidence | null, nowMs: number): boolean {
    const key = `${ref.group}#${ref.replica}`;
    for (const [other, entry] of this.#letIn)
      if (!isUnderWay(entry, evidenceOf(entry.ref), nowMs)) this.#letIn.delete(other);
    if (this.#letIn.has(key)) return true;
    if (this.#letIn.size >= this.#limit) return false;
    this.#letIn.set(key, { ref, sinceMs: nowMs });
    return true;
  }

  clear(): void {
    this.#letIn.clear();
  }
}

function isUnderWay({ sinceMs }: LetIn, evidence: ReplicaEvidence | null, nowMs: number): boolean {
  const answered = evidence?.answered ?? null;
  if (answered === null || answered.atMs - answered.answerMs < sinceMs)
    return nowMs - sinceMs < BEGINS_WITHIN_MS;
  const { follows, loading } = answered.report;
  if (nowMs - answered.atMs > BEGINS_WITHIN_MS) return false;
  if (loading || follows?.syncing === true) return true;
  return follows?.linkUp !== true && nowMs - sinceMs < BEGINS_WITHIN_MS;
}
