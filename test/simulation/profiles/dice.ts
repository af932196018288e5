/** How plans are drawn: chance as they need it, and the times that everything in them is measured by. */
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';

export const ELECTION_TIMEOUT_MS = 200;
export const FAULTS_MS = 20 * ELECTION_TIMEOUT_MS;

/** Draws, mostly little and now and then a lot. */
export class Dice {
  readonly random: SeededRandom;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  upTo(most: number): number {
    return this.random.next() < 0.3 ? 0 : this.random.next() ** 2 * most;
  }

  between(low: number, high: number): number {
    return low + this.random.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.random.integer(0, items.length)] ?? items[0];
  }
}

export const whole = (value: number): number => Math.round(value * 1_000) / 1_000;

export const lasting = (dice: Dice): number =>
  dice.between(0.05, dice.chance(0.2) ? 8 : 2) * ELECTION_TIMEOUT_MS;
