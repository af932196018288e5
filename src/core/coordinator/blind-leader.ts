/**
 * A leader that reaches no broker, while another node does, gives its place to that node. The witness often has no route
 * to broker ports: it would never suspect a master, for it has never heard one, and could not see a slave catch up.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';

/** Nothing heard of any broker for this long. */
const BLIND_MS = 3_000;
/** While leadership is handed over nothing can be proposed, so a successor that does not take it is not pressed. */
const AGAIN_AFTER_MS = 10_000;

/** A leader that sees well is not asked more often than this. */
const LOOK_EVERY_MS = 500;

/** RocketMQ brokers as this node and the others hear them. */
export type HeardBrokers = {
  hearsBrokers(now: Instant): boolean;
  nodeThatHears(now: Instant): NodeName | null;
};

/** To whom leadership should go now, or null. Takes note that it was asked for. */
export function successorOfBlind(context: Context, brokers: HeardBrokers, now: Instant): NodeName | null {
  if (!context.leadership.leading || now.monotonicMs - context.handedOverMs < AGAIN_AFTER_MS) return null;
  if (now.monotonicMs - context.lookedForSuccessorMs < LOOK_EVERY_MS) return null;
  context.lookedForSuccessorMs = now.monotonicMs;
  if (brokers.hearsBrokers(now)) return null;
  let successor = brokers.nodeThatHears(now);
  for (const group of context.state().groups.values()) {
    const watchingSinceMs = context.watchingSinceMs.get(group.key) ?? now.monotonicMs;
    for (const { id } of group.replicas) {
      const ref = { group: group.key, replica: id };
      const heardAtMs = Math.max(watchingSinceMs, context.book.of(ref)?.heardAtMs ?? 0);
      if (now.monotonicMs - heardAtMs < BLIND_MS) return null;
      successor ??= context.vantages.nodeThatReaches(ref, now.monotonicMs);
    }
  }
  if (successor !== null) context.handedOverMs = now.monotonicMs;
  return successor;
}
