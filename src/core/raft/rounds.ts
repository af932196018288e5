/**
 * A leader's rounds: each batch of messages carries the number of its round, and every answer repeats it. An answer
 * to round r proves that its sender followed this leader at some time after r began; leases and reads rest on that.
 * The time of a round is taken before its messages leave, which errs on the safe side.
 */

export class Rounds {
  readonly #begunMs: Float64Array;
  #current = 0;

  /** Remembers the begin of the newest `remembered` rounds. */
  constructor(remembered: number) {
    this.#begunMs = new Float64Array(remembered);
  }

  get current(): number {
    return this.#current;
  }

  begin(nowMs: number): number {
    this.#current += 1;
    this.#begunMs[this.#current % this.#begunMs.length] = nowMs;
    return this.#current;
  }

  /** Null for a round that never was, or is too old to be remembered. */
  begunMs(round: number): number | null {
    if (round < 1 || round > this.#current || round <= this.#current - this.#begunMs.length) return null;
    return this.#begunMs[round % this.#begunMs.length] ?? null;
  }
}
