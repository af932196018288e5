/**
 * A seeded history of a log: what is written in which order, and what has to be there after each batch. The second is
 * kept as a plain list, and shares no code with the log.
 */
import { createHash } from 'node:crypto';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { type SeededRandom, seededRandom } from '../../src/core/primitives/seeded-random.ts';
import type {
  HardState,
  PersistBatch,
  RaftEntry,
  RaftSnapshot,
  RestoredLog,
} from '../../src/core/raft/types.ts';

export const HISTORY_NODE = nodeName('idc-a-1');
export const HISTORY_TIER = 'the-tier-of-the-history';

export type HistoryStep =
  /** Handed to the log one after the other, without waiting in between. */
  | { readonly kind: 'persist'; readonly batches: readonly PersistBatch[] }
  | { readonly kind: 'bindTier' }
  | { readonly kind: 'reopen' };

export type HistoryOptions = {
  readonly seed: number;
  readonly batches: number;
  /** Of one snapshot, at most; large ones make LevelDB rotate its files soon. */
  readonly snapshotBytes: number;
};

export type History = {
  readonly steps: readonly HistoryStep[];
  /** Digest of the state after that many batches; the first is that of an empty log. */
  readonly digests: readonly string[];
};

type State = { hardState: HardState; snapshot: RaftSnapshot | null; entries: RaftEntry[] };

export function digestOf({ hardState, snapshot, entries }: RestoredLog): string {
  const hash = createHash('sha1');
  const { term, votedFor, commitIndex } = hardState;
  hash.update(JSON.stringify([term, votedFor, commitIndex, snapshot?.index ?? 0, snapshot?.term ?? 0]));
  hash.update(snapshot?.data ?? '');
  for (const entry of entries) {
    hash.update(JSON.stringify([entry.index, entry.term, entry.kind, entry.data.length]));
    hash.update(entry.data);
  }
  return hash.digest('hex');
}

export function historyOf({ seed, batches, snapshotBytes }: HistoryOptions): History {
  const random = seededRandom(seed);
  const state: State = {
    hardState: { term: 0, votedFor: null, commitIndex: 0 },
    snapshot: null,
    entries: [],
  };
  const steps: HistoryStep[] = [];
  const digests = [digestOf(state)];
  const reopenAt = new Set(Array.from({ length: 3 }, () => random.integer(3, batches)));
  let left = batches;
  while (left > 0) {
    if (left === batches - 2) steps.push({ kind: 'bindTier' });
    if (reopenAt.has(left)) steps.push({ kind: 'reopen' });
    const together = random.integer(0, 4) === 0 ? Math.min(left, random.integer(2, 6)) : 1;
    const written = Array.from({ length: left > batches - 3 ? 1 : together }, () => {
      const batch = nextBatch(state, snapshotBytes, random);
      digests.push(digestOf(state));
      return batch;
    });
    steps.push({ kind: 'persist', batches: written });
    left -= written.length;
  }
  return { steps, digests };
}

const lastIndexOf = (state: State): number => state.entries.at(-1)?.index ?? state.snapshot?.index ?? 0;

/** Changes `state` to what it is after the batch. */
function nextBatch(state: State, snapshotBytes: number, random: SeededRandom): PersistBatch {
  const lot = random.integer(0, 20);
  if (lot === 0 || state.hardState.term === 0) return vote(state, random);
  if (lot < 3) return replaceTail(state, random);
  if (lot < 6) return ownSnapshot(state, snapshotBytes, random) ?? append(state, random);
  if (lot === 6) return leadersSnapshot(state, snapshotBytes, random);
  return append(state, random);
}

const EMPTY_BATCH: PersistBatch = {
  hardState: null,
  snapshot: null,
  truncateFrom: null,
  entries: [],
  compactBelow: null,
};

function vote(state: State, random: SeededRandom): PersistBatch {
  const votedFor = random.integer(0, 4) === 0 ? null : nodeName(`idc-b-${random.integer(1, 3)}`);
  state.hardState = { ...state.hardState, term: state.hardState.term + random.integer(1, 3), votedFor };
  return { ...EMPTY_BATCH, hardState: state.hardState };
}

function append(state: State, random: SeededRandom): PersistBatch {
  const entries = newEntries(state, random);
  state.entries.push(...entries);
  const commits = random.integer(0, 3) > 0;
  const commitIndex = random.integer(state.hardState.commitIndex, lastIndexOf(state) + 1);
  if (commits) state.hardState = { ...state.hardState, commitIndex };
  return { ...EMPTY_BATCH, hardState: commits ? state.hardState : null, entries };
}

function replaceTail(state: State, random: SeededRandom): PersistBatch {
  const lowest = Math.max(state.hardState.commitIndex, state.snapshot?.index ?? 0) + 1;
  const truncateFrom = random.integer(lowest, lastIndexOf(state) + 2);
  state.hardState = { ...state.hardState, term: state.hardState.term + 1, votedFor: null };
  state.entries = state.entries.filter(({ index }) => index < truncateFrom);
  const entries = random.integer(0, 3) === 0 ? [] : newEntries(state, random);
  state.entries.push(...entries);
  return { ...EMPTY_BATCH, hardState: state.hardState, truncateFrom, entries };
}

/** Of what is committed; null where that is nothing new. */
function ownSnapshot(state: State, snapshotBytes: number, random: SeededRandom): PersistBatch | null {
  const covered = state.entries.filter(({ index }) => index <= state.hardState.commitIndex);
  const last = covered[random.integer(0, covered.length + 1)] ?? covered.at(-1);
  if (last === undefined) return null;
  state.snapshot = {
    index: last.index,
    term: last.term,
    data: bytesOf(random.integer(0, snapshotBytes), random),
  };
  state.entries = state.entries.filter(({ index }) => index > last.index);
  const compactBelow = random.integer(1, last.index + 2);
  return { ...EMPTY_BATCH, snapshot: state.snapshot, compactBelow };
}

function leadersSnapshot(state: State, snapshotBytes: number, random: SeededRandom): PersistBatch {
  const index = lastIndexOf(state) + random.integer(1, 50);
  const { term } = state.hardState;
  state.snapshot = { index, term, data: bytesOf(random.integer(0, snapshotBytes), random) };
  state.entries = [];
  state.hardState = { ...state.hardState, commitIndex: index };
  return { ...EMPTY_BATCH, snapshot: state.snapshot, hardState: state.hardState };
}

const ENTRY_BYTES = [0, 20, 200, 2_000, 40_000] as const;

function newEntries(state: State, random: SeededRandom): RaftEntry[] {
  const from = lastIndexOf(state) + 1;
  return Array.from({ length: random.integer(1, 9) }, (_, position): RaftEntry => {
    const length = random.integer(0, (ENTRY_BYTES[random.integer(0, ENTRY_BYTES.length)] ?? 0) + 1);
    return {
      index: from + position,
      term: state.hardState.term,
      kind: length === 0 ? 'empty' : 'command',
      data: bytesOf(length, random),
    };
  });
}

/** Four seeded bytes, repeated: different everywhere, and quickly made. */
function bytesOf(length: number, random: SeededRandom): Buffer {
  const pattern = Buffer.alloc(4);
  pattern.writeUInt32BE(random.integer(0, 2 ** 32));
  return Buffer.alloc(length, pattern);
}
