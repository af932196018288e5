/** Timers of one life of a node, by that node's clock. As the real ones, an interval counts from when it last ran. */
import type { TimerHandle, Timers } from './environment.ts';
import type { NodeClock } from './node-clock.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export class NodeTimers implements Timers {
  readonly #world: World;
  readonly #clock: NodeClock;
  readonly #process: Process;
  readonly #cleared = new Set<number>();
  #nextId = 1;

  constructor(world: World, clock: NodeClock, process: Process) {
    this.#world = world;
    this.#clock = clock;
    this.#process = process;
  }

  setTimeout(run: () => void, delayMs: number): TimerHandle {
    const handle = { id: this.#nextId++ };
    this.#schedule(handle, delayMs, run);
    return handle;
  }

  setInterval(run: () => void, intervalMs: number): TimerHandle {
    const handle = { id: this.#nextId++ };
    const turn = (): void => {
      this.#schedule(handle, intervalMs, turn);
      run();
    };
    this.#schedule(handle, intervalMs, turn);
    return handle;
  }

  clear({ id }: TimerHandle): void {
    this.#cleared.add(id);
  }

  #schedule({ id }: TimerHandle, delayMs: number, run: () => void): void {
    this.#world.at(delayMs / this.#clock.rate, () =>
      this.#process.timer(() => {
        if (!this.#cleared.has(id)) run();
      }),
    );
  }
}
