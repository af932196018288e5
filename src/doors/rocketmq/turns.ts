/** One after the other for each key: what a broker registers must not overtake what it registered before. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs once everything of the same key that came before has ended, however it did. */
  async inTurn<Value>(key: string, run: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(run, run);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
