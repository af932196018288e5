/**
 * A node that was just started has heard no broker yet, and a master may die before it calls: what a node never reached it
 * cannot testify of, and with another node gone nobody would ever be sure. So every node asks masters that it has not
 * heard until they have answered it once. Nothing is judged here.
 */
import { CONFIRMATION_PROBE_MS } from '../../liveness/testimony.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { brokerKey } from './broker-book.ts';
import type { SetContext } from './set-context.ts';

export class MasterReach {
  readonly #sets: SetContext;
  /** Masters with a question of this kind out. */
  readonly #asking = new Set<string>();

  constructor(sets: SetContext) {
    this.#sets = sets;
  }

  look(now: Instant): void {
    const sets = this.#sets;
    for (const set of sets.context.state().brokerSets.values()) {
      if (this.#asking.size >= LIMITS.mastersReachedForAtOnce) return;
      const master = set.master === null ? undefined : set.brokers.get(set.master);
      if (master === undefined || master.address === '') continue;
      const ref = sets.refOf(set, master);
      const key = brokerKey(ref);
      if (sets.book.of(ref) !== null || this.#asking.has(key)) continue;
      const question = {
        address: ref.address,
        ask: { kind: 'probe' },
        timeoutMs: CONFIRMATION_PROBE_MS,
      } as const;
      const isOut = sets.asks.ask(question, null, now, (answer, at) => {
        this.#asking.delete(key);
        const isSet =
          answer.kind === 'answered' && (answer.brokerName === null || answer.brokerName === ref.name);
        if (isSet || answer.kind === 'answeredError') sets.book.answered(ref, at);
      });
      if (!isOut) return;
      this.#asking.add(key);
    }
  }

  /** The term is over, and with it every question that was out. */
  clear(): void {
    this.#asking.clear();
  }
}
