/** One consensus core under a test's hand: what it writes, sends and hands out, batch by batch. */
import assert from 'node:assert/strict';
import { type NodeName, nodeName } from '../../../src/core/primitives/identifiers.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { createRaftCore, type RaftCore } from '../../../src/core/raft/raft-core.ts';
import type {
  PersistBatch,
  RaftEntry,
  RaftEnvelope,
  RaftMessage,
  RaftOptions,
  RaftSnapshot,
  RestoredLog,
} from '../../../src/core/raft/types.ts';

export const A = nodeName('a');
export const B = nodeName('b');
export const C = nodeName('c');

export const OPTIONS: RaftOptions = {
  self: A,
  voters: [A, B, C],
  electionTimeoutMs: 1_000,
  heartbeatIntervalMs: 100,
  clockDriftRatio: 0.1,
};

export const EMPTY: RestoredLog = {
  hardState: { term: 0, votedFor: null, commitIndex: 0 },
  snapshot: null,
  entries: [],
};

export const bytes = (text: string): Uint8Array => Buffer.from(text);

export const entry = (index: number, term: number, text = `e${index}.${term}`): RaftEntry => ({
  index,
  term,
  kind: 'command',
  data: bytes(text),
});

/** A restored log of the given terms, from index 1 on. */
export function restored(
  terms: readonly number[],
  hardState: Partial<RestoredLog['hardState']> = {},
): RestoredLog {
  const term = terms.at(-1) ?? 0;
  return {
    hardState: { term, votedFor: null, commitIndex: 0, ...hardState },
    snapshot: null,
    entries: terms.map((of, position) => entry(position + 1, of)),
  };
}

export function newCore(options: Partial<RaftOptions> = {}, log: RestoredLog = EMPTY, nowMs = 0): RaftCore {
  return createRaftCore({ ...OPTIONS, ...options }, log, seededRandom(1), nowMs);
}

export type Settled = {
  readonly before: RaftEnvelope[];
  readonly batches: PersistBatch[];
  readonly after: RaftEnvelope[];
  readonly committed: RaftEntry[];
  readonly restored: RaftSnapshot[];
  readonly reads: { readonly readId: number; readonly index: number }[];
  readonly refusedReads: number[];
};

/** Runs batches until there is nothing left to do, with a disk that answers at once. */
export function settle(core: RaftCore): Settled {
  const all: Settled = {
    before: [],
    batches: [],
    after: [],
    committed: [],
    restored: [],
    reads: [],
    refusedReads: [],
  };
  for (let turns = 0; core.hasReady(); turns += 1) {
    assert.ok(turns < 100, 'batches come to an end');
    const ready = core.takeReady();
    all.before.push(...ready.messagesNow);
    if (ready.persist !== null) all.batches.push(ready.persist);
    const done = core.acknowledge();
    all.after.push(...done.messages);
    for (const one of done.committed) all.committed.push(one);
    if (done.snapshotToRestore !== null) all.restored.push(done.snapshotToRestore);
    for (const { readId, index } of done.confirmedReads) all.reads.push({ readId, index });
    all.refusedReads.push(...done.refusedReads);
  }
  return all;
}

type Of<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>;

/** Messages of one type to one node. */
export function sent<Type extends RaftMessage['type']>(
  envelopes: readonly RaftEnvelope[],
  type: Type,
  to: NodeName = B,
): Of<Type>[] {
  return envelopes
    .filter((envelope) => envelope.to === to)
    .map(({ message }) => message)
    .filter((message): message is Of<Type> => message.type === type);
}

export function only<Value>(values: readonly Value[]): Value {
  assert.equal(values.length, 1);
  const [value] = values;
  assert.ok(value !== undefined);
  return value;
}

/** An accepting answer to an append. */
export const took = (append: Of<'append'>): RaftMessage => ({
  type: 'appendReply',
  term: append.term,
  round: append.round,
  outcome: { accepted: true, matchIndex: append.previousIndex + append.entries.length },
});

/** Drives the core through pre-vote and vote with the help of b; returns what was sent as the new leader. */
export function elect(core: RaftCore, nowMs = 5_000): Settled {
  core.tick(nowMs);
  const preVote = only(sent(settle(core).before, 'preVote'));
  core.step(B, { type: 'preVoteReply', term: preVote.term, granted: true }, nowMs);
  const vote = only(sent(settle(core).after, 'vote'));
  core.step(B, { type: 'voteReply', term: vote.term, granted: true }, nowMs);
  assert.equal(core.status().role, 'leader');
  return settle(core);
}

/** A leader whose empty entry b has taken, so that it is committed. */
export function established(
  options: Partial<RaftOptions> = {},
  log: RestoredLog = EMPTY,
  nowMs = 5_000,
): RaftCore {
  const core = newCore(options, log);
  const append = only(sent(elect(core, nowMs).before, 'append'));
  core.step(B, took(append), nowMs);
  settle(core);
  assert.ok(core.status().hasCommittedInTerm);
  return core;
}

/** An append from b, leader of `term`, behind the given entry. */
export const append = (
  term: number,
  previous: readonly [index: number, term: number],
  entries: readonly RaftEntry[] = [],
  commitIndex = 0,
): Of<'append'> => ({
  type: 'append',
  term,
  previousIndex: previous[0],
  previousTerm: previous[1],
  commitIndex,
  entries,
  round: 1,
});
