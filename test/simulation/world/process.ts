/**
 * The event loop of one life of a node: what arrives, and timers that are due, run at once, or wait while the process
 * stands still. A pause may also begin between a step and its effects, which then happen late, as if nothing had been.
 */
import type { NodeEffect } from '../../../src/core/node/inputs.ts';
import type { World } from './world.ts';

export class Process {
  readonly #world: World;
  /** After a pause: whether due timers run before what has arrived. */
  readonly #timersFirst: () => boolean;
  #isOver = false;
  #pausedUntilMs = 0;
  #pauseAfterStepMs = 0;
  #arrived: (() => void)[] = [];
  #due: (() => void)[] = [];
  #held: (() => void)[] = [];

  constructor(world: World, timersFirst: () => boolean) {
    this.#world = world;
    this.#timersFirst = timersFirst;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isPaused(): boolean {
    return this.#world.nowMs < this.#pausedUntilMs;
  }

  end(): void {
    this.#isOver = true;
    this.#arrived = [];
    this.#due = [];
    this.#held = [];
  }

  pause(forMs: number, afterStep: boolean): void {
    if (this.#isOver) return;
    if (afterStep) {
      this.#pauseAfterStepMs = forMs;
      return;
    }
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#world.nowMs + forMs);
    this.#world.at(forMs, () => this.resume());
  }

  arrive(run: () => void): void {
    if (this.#isOver) return;
    if (this.isPaused) this.#arrived.push(run);
    else run();
  }

  timer(run: () => void): void {
    if (this.#isOver) return;
    if (this.isPaused) this.#due.push(run);
    else run();
  }

  /** Performs each effect in order, from the moment on at which the process goes on. */
  performAfterStep(effects: readonly NodeEffect[], perform: (effect: NodeEffect) => void): void {
    if (this.#pauseAfterStepMs > 0) {
      this.pause(this.#pauseAfterStepMs, false);
      this.#pauseAfterStepMs = 0;
      this.#world.count('pausesAfterStep');
    }
    for (const effect of effects) {
      if (this.isPaused) this.#held.push(() => perform(effect));
      else if (!this.#isOver) perform(effect);
    }
  }

  resume(): void {
    if (this.isPaused || this.#isOver) return;
    const [held, arrived, due] = [this.#held, this.#arrived, this.#due];
    this.#held = [];
    this.#arrived = [];
    this.#due = [];
    const runs = this.#timersFirst() ? [...held, ...due, ...arrived] : [...held, ...arrived, ...due];
    for (const [position, run] of runs.entries()) {
      if (this.#isOver) return;
      // Paused again by what just ran: the rest waits.
      if (this.isPaused) {
        this.#arrived = [...runs.slice(position), ...this.#arrived];
        return;
      }
      run();
    }
  }

  /** Everything works again: no pause lasts, and none is to come. */
  heal(): void {
    this.#pauseAfterStepMs = 0;
    this.#pausedUntilMs = Math.min(this.#pausedUntilMs, this.#world.nowMs);
    this.resume();
  }
}
