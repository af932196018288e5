/** Clock and timers that a test moves by hand. */
import type { ClockPort, TimerPort } from '../../../src/core/node/ports.ts';

export class ManualTime implements ClockPort, TimerPort {
  #nowMs = 1_000;
  #timers: { readonly atMs: number; readonly action: () => void }[] = [];

  now = () => ({ monotonicMs: this.#nowMs, wallMs: 0 });

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets promises settle that are waiting for nothing but each other. */
  async settle(): Promise<void> {
    await new Promise(setImmediate);
  }

  /** Moves time, running what falls due at its own moment, in order. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      await this.settle();
      const [next] = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((one, other) => one.atMs - other.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.action();
    }
    this.#nowMs = untilMs;
    await this.settle();
  }
}
