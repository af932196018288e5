/**
 * Writes to one disk, in the order in which they were asked for, one at a time. Once one has failed so do all that
 * follow: what comes behind a gap promises nothing.
 */
import { assert } from '../core/primitives/assert.ts';
import { LIMITS } from '../core/primitives/limits.ts';

export class WriteQueue {
  #waiting = 0;
  #hasFailed = false;
  #last: Promise<void> = Promise.resolve();

  /** Begun within this call where nothing is before it, so that the disk works while the caller goes on. */
  add(write: () => Promise<void>): Promise<void> {
    assert(this.#waiting < LIMITS.persistsWaiting, 'too many batches wait for the disk');
    const isNext = this.#waiting === 0 && !this.#hasFailed;
    this.#waiting += 1;
    const done = (isNext ? write() : this.#last.then(write)).then(
      () => {
        this.#waiting -= 1;
      },
      (error: unknown) => {
        this.#waiting -= 1;
        this.#hasFailed = true;
        throw error;
      },
    );
    this.#last = done;
    return done;
  }

  /** Settles as the last write that was asked for. */
  settled(): Promise<void> {
    return this.#last;
  }
}
