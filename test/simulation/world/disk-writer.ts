/**
 * The way from a node's process to its disk: batches are written one after the other, each after some time, whole or
 * not at all. The disk may be slow, full or broken, and the machine may lose its power while a batch is on its way.
 */
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import type { PersistBatch } from '../../../src/core/raft/types.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { World } from './world.ts';

export type DiskTrouble = {
  readonly what: 'full' | 'writeError' | 'readError';
  /** The write that failed reached the disk all the same. */
  readonly keepsBatch: boolean;
};

type Write = { readonly persistId: number; readonly batch: PersistBatch };

const SHORTEST_WRITE_MS = 0.1;
export const ORDINARY_WRITE_MS = 2;

export class DiskWriter {
  /** Longest that an ordinary write takes. */
  writeMs = ORDINARY_WRITE_MS;
  trouble: DiskTrouble | null = null;
  /** Called once, when the next write is under way, with the time that it takes. */
  onNextWrite: ((writeMs: number) => void) | null = null;
  #disk = new SimulatedDisk();
  readonly #world: World;
  readonly #node: SimulatedNode;
  readonly #random: SeededRandom;
  #writes: Write[] = [];

  constructor(world: World, node: SimulatedNode, random: SeededRandom) {
    this.#world = world;
    this.#node = node;
    this.#random = random;
  }

  get disk(): SimulatedDisk {
    return this.#disk;
  }

  /** Another disk, empty and in order; returns the former one. Nothing may be on its way. */
  replaceDisk(): SimulatedDisk {
    const former = this.#disk;
    this.#disk = new SimulatedDisk();
    this.trouble = null;
    return former;
  }

  get cannotRead(): boolean {
    return this.trouble?.what === 'readError';
  }

  get isWriting(): boolean {
    return this.#writes.length > 0;
  }

  write(persistId: number, batch: PersistBatch): void {
    this.#writes.push({ persistId, batch });
    if (this.#writes.length === 1) this.#begin();
  }

  crash(keptBatches: number): void {
    const kept = this.#writes.slice(0, keptBatches);
    if (this.isWriting) this.#world.count('crashesInBatch');
    this.#writes = [];
    for (const { batch } of kept) this.#store(batch);
  }

  heal(): void {
    this.writeMs = ORDINARY_WRITE_MS;
    this.trouble = null;
    this.onNextWrite = null;
  }

  #begin(): void {
    const [write] = this.#writes;
    if (write === undefined) return;
    const takesMs = SHORTEST_WRITE_MS + this.#random.next() * this.writeMs;
    const { onNextWrite } = this;
    this.onNextWrite = null;
    onNextWrite?.(takesMs);
    this.#world.at(takesMs, () => {
      // Otherwise the process that asked for it is gone.
      if (this.#writes[0] === write) this.#finish(write);
    });
  }

  #finish({ persistId, batch }: Write): void {
    const { trouble } = this;
    if (trouble !== null && trouble.what !== 'readError') {
      this.#writes = [];
      if (trouble.keepsBatch && trouble.what === 'writeError') this.#store(batch);
      this.#node.fatal(`its disk says ${trouble.what}`);
      return;
    }
    this.#writes.shift();
    this.#store(batch);
    this.#begin();
    this.#node.persisted(persistId);
  }

  #store(batch: PersistBatch): void {
    this.disk.write(batch);
    if (batch.snapshot !== null) this.#world.count('snapshots');
    for (const oracle of this.#world.judge.oracles) oracle.persisted?.(this.#node, batch);
  }
}
