/**
 * Which blocks of entries a disk log holds, by the index that each begins with. A block is never rewritten: where the
 * log was cut inside one, the block that follows begins inside it and takes the place of its tail.
 */
import { LIMITS } from '../core/primitives/limits.ts';
import type { RaftEntry } from '../core/raft/types.ts';
import type { EntryBlock } from './disk-records.ts';

export class LogBlocks {
  readonly #firsts: number[];

  /** `firsts` in order. */
  constructor(firsts: readonly number[]) {
    this.#firsts = [...firsts];
  }

  add(first: number): void {
    this.#firsts.push(first);
  }

  /** The log was cut at `index`: takes out the blocks that begin there or behind it. */
  cutFrom(index: number): readonly number[] {
    let kept = this.#firsts.length;
    while (kept > 0 && (this.#firsts[kept - 1] ?? 0) >= index) kept -= 1;
    return this.#firsts.splice(kept);
  }

  /** Takes out the blocks of which everything is below `index`. The last one stays: where it ends is not known here. */
  dropBelow(index: number): readonly number[] {
    let dropped = 0;
    while ((this.#firsts[dropped + 1] ?? Number.POSITIVE_INFINITY) <= index) dropped += 1;
    return this.#firsts.splice(0, dropped);
  }
}

/** Cuts what one batch appends into blocks of bounded size; a larger entry is a block of its own. */
export function blocksOf(entries: readonly RaftEntry[], previousTerm: number): readonly EntryBlock[] {
  const blocks: EntryBlock[] = [];
  let from = 0;
  let bytes = 0;
  entries.forEach(({ data }, position) => {
    if (position > from && bytes + data.length > LIMITS.logBlockBytes) {
      blocks.push({
        previousTerm: entries[from - 1]?.term ?? previousTerm,
        entries: entries.slice(from, position),
      });
      from = position;
      bytes = 0;
    }
    bytes += data.length;
  });
  if (entries.length > 0)
    blocks.push({ previousTerm: entries[from - 1]?.term ?? previousTerm, entries: entries.slice(from) });
  return blocks;
}
