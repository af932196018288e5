/**
 * Holds up what needs a current state for the moment in which this node cannot confirm that it has one, as between two
 * leaders: an answer a second later serves everybody better than an error, after which a client keeps what it had for
 * its next half minute. Bounded in time and number.
 */
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort, TimerPort } from '../../core/node/ports.ts';
import { LIMITS } from '../../core/primitives/limits.ts';

/** Callers give up after 3 s at the soonest, and then cut their connection; an answer has to be there before. */
export const CURRENT_PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 25;

type Waiting = { readonly untilMs: number; readonly resolve: (isCurrent: boolean) => void };

export class CurrentGate {
  readonly #face: Pick<NodeFace, 'isCurrent'>;
  readonly #clock: ClockPort;
  readonly #timers: TimerPort;
  #waiting: Waiting[] = [];

  constructor(face: Pick<NodeFace, 'isCurrent'>, clock: ClockPort, timers: TimerPort) {
    this.#face = face;
    this.#clock = clock;
    this.#timers = timers;
  }

  isCurrent(): boolean {
    return this.#face.isCurrent();
  }

  /** Whether the node is current, at the latest when the patience is over. */
  whenCurrent(): Promise<boolean> {
    if (this.#face.isCurrent()) return Promise.resolve(true);
    if (this.#waiting.length >= LIMITS.rocketmqWaitingForCurrent) return Promise.resolve(false);
    return new Promise((resolve) => {
      const untilMs = this.#clock.now().monotonicMs + CURRENT_PATIENCE_MS;
      this.#waiting.push({ untilMs, resolve });
      if (this.#waiting.length === 1) this.#timers.after(LOOK_EVERY_MS, () => this.#look());
    });
  }

  #look(): void {
    const isCurrent = this.#face.isCurrent();
    const nowMs = this.#clock.now().monotonicMs;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ untilMs }) => !isCurrent && untilMs > nowMs);
    if (this.#waiting.length > 0) this.#timers.after(LOOK_EVERY_MS, () => this.#look());
    for (const { untilMs, resolve } of waiting) if (isCurrent || untilMs <= nowMs) resolve(isCurrent);
  }
}
