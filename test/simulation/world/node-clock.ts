/**
 * The clocks of one node: a monotonic one that runs a little too fast or too slow and starts anew with every life,
 * and a wall clock that may also be set.
 */
import type { ClockPort } from '../../../src/core/node/ports.ts';
import type { Instant } from '../../../src/core/primitives/instant.ts';

/** Wall time of the beginning of a life, by a clock that was never set. */
export const WALL_ORIGIN_MS = 1_700_000_000_000;

export class NodeClock implements ClockPort {
  readonly #worldNowMs: () => number;
  #rate = 1;
  #anchorWorldMs = 0;
  #anchorLocalMs = 0;
  #wallOffsetMs = WALL_ORIGIN_MS;

  constructor(worldNowMs: () => number) {
    this.#worldNowMs = worldNowMs;
  }

  get rate(): number {
    return this.#rate;
  }

  now(): Instant {
    const monotonicMs = this.monotonicMs();
    return { monotonicMs, wallMs: this.#wallOffsetMs + monotonicMs };
  }

  monotonicMs(): number {
    return this.#anchorLocalMs + (this.#worldNowMs() - this.#anchorWorldMs) * this.#rate;
  }

  setRate(rate: number): void {
    this.#anchorLocalMs = this.monotonicMs();
    this.#anchorWorldMs = this.#worldNowMs();
    this.#rate = rate;
  }

  /** The machine starts: monotonic time has a new origin, wall time goes on. */
  restart(originMs: number): void {
    const { wallMs } = this.now();
    this.#anchorLocalMs = originMs;
    this.#anchorWorldMs = this.#worldNowMs();
    this.#wallOffsetMs = wallMs - originMs;
  }

  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }
}
