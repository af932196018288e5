/**
 * The entries that a node holds in memory, after the one its log starts behind. Keeps invariants 1 and 2: entries
 * are consecutive and terms never fall. What of it is on disk is the business of `durability.ts`.
 */
import { assert, must } from '../primitives/assert.ts';
import type { RaftEntry, SnapshotMeta } from './types.ts';

export class RaftLog {
  /** The entry before the first one held: a snapshot's last, an older one, or 0 of term 0. */
  #base: SnapshotMeta;
  #entries: RaftEntry[] = [];

  constructor(base: SnapshotMeta) {
    this.#base = base;
  }

  get baseIndex(): number {
    return this.#base.index;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#base.term;
  }

  /** Null where the entry is compacted away or not there yet. */
  termAt(index: number): number | null {
    if (index === this.#base.index) return this.#base.term;
    return this.#entries[index - this.#base.index - 1]?.term ?? null;
  }

  /** Whether a log that ends so holds everything that this one may have committed (section 5.4.1 of the paper). */
  isCoveredBy(lastIndex: number, lastTerm: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  entryAt(index: number): RaftEntry {
    return must(this.#entries[index - this.#base.index - 1], `entry ${index} is held`);
  }

  append(entry: RaftEntry): void {
    assert(entry.index === this.lastIndex + 1, `entry ${entry.index} does not follow ${this.lastIndex}`);
    assert(entry.term >= this.lastTerm, `term ${entry.term} of entry ${entry.index} falls`);
    this.#entries.push(entry);
  }

  truncateFrom(index: number): void {
    assert(index > this.#base.index && index <= this.lastIndex, `nothing to cut at ${index}`);
    this.#entries.length = index - this.#base.index - 1;
  }

  /** Entries `from` to `to`, both included. */
  slice(from: number, to: number): RaftEntry[] {
    assert(from > this.#base.index && to <= this.lastIndex, `entries ${from} to ${to} are not all held`);
    return this.#entries.slice(from - this.#base.index - 1, to - this.#base.index);
  }

  /** Index of the last entry of a message that starts at `from`: the first always goes, however large. */
  lastThatFits(from: number, limits: { readonly entries: number; readonly bytes: number }): number {
    const end = Math.min(this.lastIndex, from + limits.entries - 1);
    let bytes = this.entryAt(from).data.byteLength;
    for (let index = from + 1; index <= end; index += 1) {
      bytes += this.entryAt(index).data.byteLength;
      if (bytes > limits.bytes) return index - 1;
    }
    return end;
  }

  /** Last index up to `index` whose term is at most `term`: where two logs may still agree. */
  lastOfTermAtMost(index: number, term: number): number {
    let candidate = Math.min(index, this.lastIndex);
    while (candidate > this.#base.index && (this.termAt(candidate) ?? 0) > term) candidate -= 1;
    return candidate;
  }

  /** The last index that may go so that, up to `index`, at most so many entries and bytes stay. */
  lastToSpare(index: number, kept: { readonly entries: number; readonly bytes: number }): number {
    let spared = index;
    let bytes = 0;
    while (spared > this.#base.index && index - spared < kept.entries) {
      bytes += this.entryAt(spared).data.byteLength;
      if (bytes > kept.bytes) break;
      spared -= 1;
    }
    return spared;
  }

  /** Forgets the entries up to `index`, which then is the base. */
  dropThrough(index: number): void {
    if (index <= this.#base.index) return;
    const term = must(this.termAt(index), `entry ${index} is held`);
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = { index, term };
  }

  /** Starts over behind a snapshot that nothing held here leads up to. */
  resetTo(base: SnapshotMeta): void {
    this.#base = { index: base.index, term: base.term };
    this.#entries = [];
  }
}
