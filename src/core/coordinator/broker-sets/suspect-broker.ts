/**
 * Does a broker look dead from this node? Suspicion costs a question to the other nodes and nothing else; still, a node
 * that stalled, or has not watched for long, abstains rather than accuse.
 */
import { reasonToAbstain } from '../../liveness/suspicion.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerEvidence } from './broker-book.ts';

export type BrokerSuspicion =
  | { readonly kind: 'alive' }
  | {
      readonly kind: 'suspect';
      readonly path: 'closed' | 'silence' | 'neverHeard';
      readonly detail: string;
    }
  /** This node hears nothing of it, another one does: it lives, and cannot be reached from here. */
  | { readonly kind: 'heardElsewhere'; readonly detail: string }
  | { readonly kind: 'abstain'; readonly detail: string };

export type SuspectInput = {
  /** Null: this node has never heard it. */
  readonly own: BrokerEvidence | null;
  /** When another node heard it last. */
  readonly elsewhereAtMs: number | null;
  /** Silence after which it is suspected. */
  readonly silenceMs: number;
  readonly now: Instant;
  /** Since when this node listens to brokers. */
  readonly watchingSinceMs: number;
  readonly stalledUntilMs: number | null;
};

/** A node that has just started, or stood still, accuses nobody for so long; one that only registers is not waited for. */
const GRACE_MS = 3_000;
export const graceOf = (silenceMs: number): number => Math.min(silenceMs, GRACE_MS);

export function suspectBroker(input: SuspectInput): BrokerSuspicion {
  const { own, elsewhereAtMs, silenceMs, now } = input;
  const graceMs = graceOf(silenceMs);
  const stall = reasonToAbstain({ detectionMs: graceMs, now, stalledUntilMs: input.stalledUntilMs });
  if (stall !== null) return { kind: 'abstain', detail: stall };
  const watchedMs = now.monotonicMs - input.watchingSinceMs;
  if (watchedMs < graceMs)
    return { kind: 'abstain', detail: `listening for ${Math.round(watchedMs)} ms only` };
  // The end of a connection is worth a question at once, whatever others heard before it.
  if (own !== null && own.closedAtMs !== null) {
    const silentMs = Math.round(now.monotonicMs - own.heardAtMs);
    return {
      kind: 'suspect',
      path: 'closed',
      detail: `its connection ended, nothing heard for ${silentMs} ms`,
    };
  }
  const silentMs = own === null ? watchedMs : now.monotonicMs - own.heardAtMs;
  if (silentMs < silenceMs) return { kind: 'alive' };
  const detail =
    own === null ? 'never heard since this node started' : `nothing heard for ${Math.round(silentMs)} ms`;
  if (elsewhereAtMs !== null && now.monotonicMs - elsewhereAtMs < silenceMs)
    return { kind: 'heardElsewhere', detail: `${detail}, but another node hears it` };
  return { kind: 'suspect', path: own === null ? 'neverHeard' : 'silence', detail };
}
