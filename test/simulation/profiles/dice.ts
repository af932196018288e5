/** What a plan is drawn with. */
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';

/** Thousandths, so that a plan that was written down is the one that was drawn. */
export const whole = (value: number): number => Math.round(value * 1_000) / 1_000;

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
