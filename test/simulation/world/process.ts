/**
 * The event loop of one life of a node: what arrives, and timers that are due, run at once, or wait while the process
 * stands still. When it goes on, what came over one connection is in order, but which connection is read first is
 * chance, and so is whether timers are before them. A pause may also begin between a step and its effects, which then
 * happen late, as if nothing had been.
 */
import type { NodeEffect } from '../../../src/core/node/inputs.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import type { World } from './world.ts';

type Arrival = { readonly source: string; readonly run: () => void };

export class Process {
  readonly #world: World;
  readonly #random: SeededRandom;
  #isOver = false;
  #pausedUntilMs = 0;
  #pauseAfterStepMs = 0;
  #arrived: Arrival[] = [];
  #due: (() => void)[] = [];
  #held: (() => void)[] = [];

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
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

  /** `source` names the connection, or whatever else keeps things in order. */
  arrive(source: string, run: () => void): void {
    if (this.#isOver) return;
    if (this.isPaused) this.#arrived.push({ source, run });
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
    const [held, arrived, due] = [this.#held, this.#byConnection(this.#arrived), this.#due];
    this.#held = [];
    this.#arrived = [];
    this.#due = [];
    const runs = this.#random.next() < 0.5 ? [...held, ...due, ...arrived] : [...held, ...arrived, ...due];
    for (const [position, run] of runs.entries()) {
      if (this.#isOver) return;
      // Paused again by what just ran: the rest waits.
      if (this.isPaused) {
        const rest = runs.slice(position).map((waiting) => ({ source: '', run: waiting }));
        this.#arrived = [...rest, ...this.#arrived];
        return;
      }
      run();
    }
  }

  #byConnection(arrivals: readonly Arrival[]): (() => void)[] {
    const connections = new Map<string, (() => void)[]>();
    for (const { source, run } of arrivals) {
      const connection = connections.get(source);
      if (connection === undefined) connections.set(source, [run]);
      else connection.push(run);
    }
    // What was interrupted by another pause goes first.
    const interrupted = connections.get('') ?? [];
    connections.delete('');
    const order = [...connections.values()].map((runs) => ({ runs, turn: this.#random.next() }));
    order.sort((one, other) => one.turn - other.turn);
    return [...interrupted, ...order.flatMap(({ runs }) => runs)];
  }

  /** Everything works again: no pause lasts, and none is to come. */
  heal(): void {
    this.#pauseAfterStepMs = 0;
    this.#pausedUntilMs = Math.min(this.#pausedUntilMs, this.#world.nowMs);
    this.resume();
  }
}
