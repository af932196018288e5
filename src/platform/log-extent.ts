/**
 * Which entries a log holds, and what a batch does to that. Pure, shared by the disk log and its twin in memory, so
 * that both agree on every corner: replaced tails, snapshots from a leader, deletions behind a snapshot.
 *
 * Terms along the log are kept as runs (a few numbers for millions of entries). They give each entry the term of
 * the one before it, which is stored with it: by Raft's log matching a chain of such pairs that holds together
 * from the last entry backwards is the right log, so that a batch lost in the middle shows when it is read back.
 */
import { assert, must } from '../core/primitives/assert.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { HardState, PersistBatch, RaftEntry, SnapshotMeta } from '../core/raft/types.ts';

type TermRun = { readonly from: number; readonly term: number };

export type LogExtent = {
  hardState: HardState;
  /** Index and term 0 before the first snapshot. */
  snapshot: SnapshotMeta;
  /** Lowest index that may still be stored; entries below the snapshot are kept until they may be deleted. */
  oldestStored: number;
  lastIndex: number;
  /** Entries below are no longer wanted, but perhaps not deleted yet. */
  compactBelow: number;
  runs: TermRun[];
};

/** What is to be written for a batch, in this order. What is below `oldestStored` of the extent may go as well. */
export type LogChange = {
  /** Entries from this index on are gone before any is appended; null when none are. */
  readonly cutFrom: number | null;
  /** Term of the entry before the first one appended. */
  readonly previousTerm: number;
  readonly appended: readonly RaftEntry[];
};

export const emptyExtent = (): LogExtent => ({
  hardState: { term: 0, votedFor: null, commitIndex: 0 },
  snapshot: { index: 0, term: 0 },
  oldestStored: 1,
  lastIndex: 0,
  compactBelow: 1,
  runs: [],
});

/** Term of an entry that is held, or of the snapshot's last; null where neither knows it. */
export function termAt(extent: LogExtent, index: number): number | null {
  if (index === extent.snapshot.index) return extent.snapshot.term;
  if (index > extent.lastIndex || index < extent.oldestStored) return null;
  for (let position = extent.runs.length - 1; position >= 0; position -= 1) {
    const run = must(extent.runs[position], 'a run within bounds');
    if (run.from <= index) return run.term;
  }
  return null;
}

export const lastTerm = (extent: LogExtent): number => termAt(extent, extent.lastIndex) ?? 0;

/** Adds one entry behind the last; the caller has checked that it follows. */
export function extend(extent: LogExtent, index: number, term: number): void {
  if (extent.runs.at(-1)?.term !== term) extent.runs.push({ from: index, term });
  extent.lastIndex = index;
}

/** Judges a batch by the invariants of the log and carries it out on `extent`. A broken invariant is a bug of the caller. */
export function advanceExtent(extent: LogExtent, batch: PersistBatch): LogChange {
  const replaced = batch.snapshot !== null && takeSnapshot(extent, batch.snapshot) ? 0 : null;
  const truncated = batch.truncateFrom === null ? null : truncate(extent, batch.truncateFrom);
  const previousTerm = lastTerm(extent);
  let termBefore = previousTerm;
  for (const { index, term } of batch.entries) {
    assert(index === extent.lastIndex + 1, `entry ${index} does not follow ${extent.lastIndex}`);
    assert(term >= termBefore, `term ${term} of entry ${index} falls below ${termBefore}`);
    extend(extent, index, term);
    termBefore = term;
  }
  if (batch.compactBelow !== null) {
    assert(
      batch.compactBelow <= extent.snapshot.index + 1,
      `entries below ${batch.compactBelow} are not behind the snapshot at ${extent.snapshot.index}`,
    );
    extent.compactBelow = Math.max(extent.compactBelow, batch.compactBelow);
  }
  compact(extent);
  if (batch.hardState !== null) {
    assert(batch.hardState.term >= extent.hardState.term, `the term falls below ${extent.hardState.term}`);
    extent.hardState = batch.hardState;
  }
  const { commitIndex, term } = extent.hardState;
  assert(term >= lastTerm(extent), `the log's last term ${lastTerm(extent)} is past the node's own ${term}`);
  assert(
    commitIndex <= extent.lastIndex,
    `commit index ${commitIndex} is past the last entry ${extent.lastIndex}`,
  );
  return { cutFrom: replaced ?? truncated, previousTerm, appended: batch.entries };
}

/**
 * Where the log does not contain the snapshot's last entry, nothing of it can follow the snapshot, and all of it
 * goes (the receiver's rule of Raft, section 7). Returns whether that is so.
 */
function takeSnapshot(extent: LogExtent, snapshot: SnapshotMeta): boolean {
  assert(snapshot.index >= extent.snapshot.index, `a snapshot at ${snapshot.index} would take the log back`);
  const replacesLog = termAt(extent, snapshot.index) !== snapshot.term;
  if (replacesLog) {
    extent.lastIndex = snapshot.index;
    extent.oldestStored = snapshot.index + 1;
    extent.runs = [];
  }
  extent.snapshot = { index: snapshot.index, term: snapshot.term };
  return replacesLog;
}

/** Returns where the log was cut; null where there was nothing to cut. */
function truncate(extent: LogExtent, from: number): number | null {
  assert(from > extent.snapshot.index, `entry ${from} is behind the snapshot and cannot be replaced`);
  assert(from > extent.hardState.commitIndex, `entry ${from} is committed and cannot be replaced`);
  if (from > extent.lastIndex) return null;
  extent.lastIndex = from - 1;
  while ((extent.runs.at(-1)?.from ?? 0) >= from) extent.runs.pop();
  return from;
}

/** Bounded, so that no single batch pays for a whole compaction. */
function compact(extent: LogExtent): void {
  const below = Math.min(
    extent.compactBelow,
    extent.oldestStored + LIMITS.deletesPerPersist,
    extent.lastIndex + 1,
  );
  if (below <= extent.oldestStored) return;
  extent.oldestStored = below;
  while ((extent.runs[1]?.from ?? Number.POSITIVE_INFINITY) <= below) extent.runs.shift();
}
