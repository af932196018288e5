/**
 * Every way between two places, in each direction. Ways may be cut by several faults at once and are open again when
 * the last of them is over. What is on its way is lost, doubled, delayed and overtaken as the weather says; a way may
 * also be slow by itself, so that what arrives on it is of long ago.
 *
 * Two kinds of message are never doubled: a client's request on its way to the leader, and the answer to it. The real
 * transport hands every frame to one connection, once.
 */
import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';
import type { Place, Standing } from './places.ts';

export type Weather = {
  /** Share of messages that never arrive. */
  readonly loss: number;
  readonly duplication: number;
  /** Longest delay of an ordinary message, and of those few that take far longer. */
  readonly delayMs: number;
  readonly longDelayShare: number;
  readonly longDelayMs: number;
};

export const FAIR_WEATHER: Weather = {
  loss: 0,
  duplication: 0,
  delayMs: 4,
  longDelayShare: 0,
  longDelayMs: 0,
};

const SHORTEST_DELAY_MS = 0.2;

const mayBeDoubled = ({ kind }: PeerMessage): boolean => kind !== 'forward' && kind !== 'forwardReply';

export class Network {
  weather: Weather = FAIR_WEATHER;
  readonly #random: SeededRandom;
  readonly #standings: readonly Standing[];
  readonly #numbers = new Map<Place, number>();
  /** How many faults cut the way from one place to another. */
  readonly #cuts: Uint8Array;
  /** What each way takes longer. */
  readonly #slownessMs: Float64Array;
  /** Rises when everything is opened at once. */
  #generation = 0;

  constructor(standings: readonly Standing[], random: SeededRandom) {
    this.#random = random;
    this.#standings = standings;
    for (const { node, site } of standings) {
      for (const place of [node, site])
        if (!this.#numbers.has(place)) this.#numbers.set(place, this.#numbers.size);
    }
    this.#cuts = new Uint8Array(this.#numbers.size ** 2);
    this.#slownessMs = new Float64Array(this.#numbers.size ** 2);
  }

  get places(): readonly Place[] {
    return [...this.#numbers.keys()];
  }

  /** Every way is open and the weather is fair; the ends of cuts that are still to come change nothing. */
  heal(): void {
    this.weather = FAIR_WEATHER;
    this.#cuts.fill(0);
    this.#slownessMs.fill(0);
    this.#generation += 1;
  }

  /** Whether anything gets from one place to another at the moment. */
  carries(from: Place, to: Place): boolean {
    return this.#cuts[this.#way(from, to)] === 0;
  }

  /** Whether two places can hold a conversation. */
  joins(one: Place, other: Place): boolean {
    return this.carries(one, other) && this.carries(other, one);
  }

  /**
   * Nothing gets from any of these places to any of those; a site means its nodes and its servers. Call the result
   * once, to open the ways again.
   */
  cut(from: readonly Place[], to: readonly Place[]): () => void {
    const ways = this.#ways(from, to);
    for (const way of ways) this.#cuts[way] = (this.#cuts[way] ?? 0) + 1;
    const generation = this.#generation;
    return () => {
      if (generation !== this.#generation) return;
      for (const way of ways) this.#cuts[way] = (this.#cuts[way] ?? 0) - 1;
    };
  }

  /** Everything takes so much longer from any of these places to any of those, until the result is called. */
  slow(from: readonly Place[], to: readonly Place[], byMs: number): () => void {
    const ways = this.#ways(from, to);
    for (const way of ways) this.#slownessMs[way] = byMs;
    return () => {
      for (const way of ways) this.#slownessMs[way] = 0;
    };
  }

  /** How long each copy of a message takes; none when it is lost. */
  delaysOf(from: Place, to: Place, message: PeerMessage): readonly number[] {
    const slownessMs = this.#slownessMs[this.#way(from, to)] ?? 0;
    const { loss, duplication } = this.weather;
    const delays: number[] = [];
    if (loss === 0 || this.#random.next() >= loss) delays.push(slownessMs + this.delayMs());
    if (duplication > 0 && mayBeDoubled(message) && this.#random.next() < duplication)
      delays.push(slownessMs + this.delayMs());
    return delays;
  }

  delayMs(): number {
    const { delayMs, longDelayShare, longDelayMs } = this.weather;
    const isLong = longDelayShare > 0 && this.#random.next() < longDelayShare;
    return SHORTEST_DELAY_MS + this.#random.next() * (isLong ? longDelayMs : delayMs);
  }

  #way(from: Place, to: Place): number {
    const count = this.#numbers.size;
    return (
      must(this.#numbers.get(from), `${from} is known`) * count +
      must(this.#numbers.get(to), `${to} is known`)
    );
  }

  #ways(from: readonly Place[], to: readonly Place[]): readonly number[] {
    return this.#within(from).flatMap((source) =>
      this.#within(to)
        .filter((target) => target !== source)
        .map((target) => this.#way(source, target)),
    );
  }

  #within(places: readonly Place[]): readonly Place[] {
    return [
      ...new Set(
        places.flatMap((place) => [
          place,
          ...this.#standings.filter(({ site }) => site === place).map(({ node }) => node),
        ]),
      ),
    ];
  }
}
