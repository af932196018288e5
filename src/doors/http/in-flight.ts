/** Counts what is under way, so that a door refuses early instead of queueing without end. */
import { type Refusal, refused } from '../../core/primitives/refusal.ts';

export class InFlight {
  readonly #limit: number;
  readonly #what: string;
  #count = 0;

  /** `what` is named in the refusal, such as `requests`. */
  constructor(limit: number, what: string) {
    this.#limit = limit;
    this.#what = what;
  }

  /** Runs `work`, or refuses it (overloaded) while as many as the limit are under way. */
  async run<Outcome>(
    work: () => Promise<Outcome>,
  ): Promise<Outcome | { readonly ok: false; readonly refusal: Refusal }> {
    if (this.#count >= this.#limit) {
      return refused(
        'overloaded',
        `${this.#limit} ${this.#what} are under way on this node; try again shortly.`,
      );
    }
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
    }
  }
}
