/**
 * Linearizable reads that wait until a round that began after them is answered by a majority: only then is it certain
 * that no other leader had committed more when the read was asked for. An id is never used twice at a time.
 */
import { assert } from '../primitives/assert.ts';

type Read = { readonly readId: number; readonly index: number; readonly askedInRound: number };

export class ReadQueue {
  readonly #limit: number;
  readonly #waitingIds = new Set<number>();
  #reads: Read[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#reads.length === 0;
  }

  /** False when too many wait already. `index` is the commit index at this moment. */
  add(readId: number, index: number, askedInRound: number): boolean {
    assert(!this.#waitingIds.has(readId), `read ${readId} is waiting already`);
    if (this.#reads.length >= this.#limit) return false;
    this.#waitingIds.add(readId);
    this.#reads.push({ readId, index, askedInRound });
    return true;
  }

  /** Takes the reads that round `answered` confirms. */
  confirmedBy(answered: number): Read[] {
    let count = 0;
    while (count < this.#reads.length && (this.#reads[count]?.askedInRound ?? answered) < answered)
      count += 1;
    return this.#take(count);
  }

  takeAll(): Read[] {
    return this.#take(this.#reads.length);
  }

  #take(count: number): Read[] {
    if (count === 0) return [];
    const taken = this.#reads.splice(0, count);
    for (const { readId } of taken) this.#waitingIds.delete(readId);
    return taken;
  }
}
