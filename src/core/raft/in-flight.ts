/** The appends on the way to one follower, oldest first, bounded in number and in bytes. */

export type InFlightLimits = { readonly appendsInFlight: number; readonly appendBytesInFlight: number };

export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #lastIndexes: number[] = [];
  readonly #sizes: number[] = [];
  #bytes = 0;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#lastIndexes.length;
  }

  get isFull(): boolean {
    return this.count >= this.#limits.appendsInFlight || this.#bytes >= this.#limits.appendBytesInFlight;
  }

  add(lastIndex: number, bytes: number): void {
    this.#lastIndexes.push(lastIndex);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Everything up to `matchIndex` has arrived. */
  freeThrough(matchIndex: number): void {
    let freed = 0;
    while (freed < this.count && (this.#lastIndexes[freed] ?? 0) <= matchIndex) {
      this.#bytes -= this.#sizes[freed] ?? 0;
      freed += 1;
    }
    if (freed === 0) return;
    this.#lastIndexes.splice(0, freed);
    this.#sizes.splice(0, freed);
  }

  clear(): void {
    this.#lastIndexes.length = 0;
    this.#sizes.length = 0;
    this.#bytes = 0;
  }
}
