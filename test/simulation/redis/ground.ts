/** What a model lives on: virtual time, one event queue, one seeded random. Nothing in a model knows any other time. */
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';

/** Where a client lives: its timers and what arrives for it end with it, or wait while it stands still. */
export type ClientGround = {
  after(delayMs: number, action: () => void): () => void;
  arrive(action: () => void): void;
};

export type Ground = {
  nowMs(): number;
  /** Runs `action` once after `delayMs`, in the order of times and then of calls; the result takes that back. */
  after(delayMs: number, action: () => void): () => void;
  readonly random: SeededRandom;
};
