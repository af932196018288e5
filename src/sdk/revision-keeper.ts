/**
 * Keeps a client from going back in time. Within one incarnation of the tier, the highest revision seen is the floor;
 * a new incarnation (the tier was restored) replaces the old one, which is then never believed again.
 */
import type { Revision } from '../contract/scalars.ts';
import { SDK_LIMITS } from './limits.ts';

export class RevisionKeeper {
  #newest: Revision | null = null;
  readonly #left = new Set<string>();

  /** False when the answer is older than what was seen before; otherwise it becomes the floor. */
  admit(revision: Revision): boolean {
    if (this.#left.has(revision.incarnation)) return false;
    const newest = this.#newest;
    if (newest !== null && newest.incarnation === revision.incarnation && revision.index < newest.index)
      return false;
    if (newest !== null && newest.incarnation !== revision.incarnation) this.#leave(newest.incarnation);
    this.#newest = revision;
    return true;
  }

  #leave(incarnation: string): void {
    this.#left.add(incarnation);
    const [oldest] = this.#left;
    if (this.#left.size > SDK_LIMITS.incarnationsLeft && oldest !== undefined) this.#left.delete(oldest);
  }
}
