/** Virtual time of one life: an event queue, and a clock that stands where the event that runs does. */
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { EventQueue } from '../world/event-queue.ts';
import type { ClientGround, Ground } from './ground.ts';

export class VirtualGround implements Ground, ClientGround {
  readonly random;
  readonly #queue = new EventQueue();
  #nowMs = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    let wanted = true;
    this.#queue.add(this.#nowMs + Math.max(0, delayMs), () => {
      if (wanted) action();
    });
    return () => {
      wanted = false;
    };
  }

  arrive(action: () => void): void {
    action();
  }

  /** Runs the next event up to a time; false when there is none, and then it is that time. */
  step(untilMs: number): boolean {
    const event = this.#queue.takeUntil(untilMs);
    this.#nowMs = event?.atMs ?? Math.max(this.#nowMs, untilMs);
    event?.run();
    return event !== null;
  }
}
