import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resyncs } from '../../../src/core/coordinator/resyncs.ts';
import { absorb, type ReplicaEvidence } from '../../../src/core/liveness/evidence.ts';
import type { ReplicaRef, ServerReport } from '../../../src/core/liveness/observation.ts';
import { incarnation, lineage, parseGroupKey, replicaId } from '../../../src/core/primitives/identifiers.ts';

const ref = (name: string): ReplicaRef => ({
  group: parseGroupKey(`main/${name}`),
  replica: replicaId('r2'),
});

const reportOf = (follows: { readonly linkUp: boolean; readonly syncing: boolean }): ServerReport => ({
  incarnation: incarnation('run-1'),
  role: 'slave',
  loading: false,
  lineage: lineage('line-1'),
  secondLineage: null,
  secondOffset: -1n,
  offset: 0n,
  follows: { address: '127.0.0.1:1', lastReceivedSecondsAgo: 0, ...follows },
  connectedSlaves: 0,
  epoch: null,
});

function evidenceBook() {
  const seen = new Map<string, ReplicaEvidence>();
  return {
    of: ({ group }: ReplicaRef) => seen.get(group) ?? null,
    note: (
      one: ReplicaRef,
      follows: { readonly linkUp: boolean; readonly syncing: boolean },
      atMs: number,
    ) => {
      const outcome = { kind: 'answered', answerMs: 1, report: reportOf(follows) } as const;
      seen.set(one.group, absorb(seen.get(one.group) ?? null, { ref: one, fresh: false, outcome }, atMs));
    },
  };
}

const SYNCING = { linkUp: false, syncing: true };
const LINKED = { linkUp: true, syncing: false };
const IN_VAIN = { linkUp: false, syncing: false };

test('no more servers than may be are let in at once; one that is asked again keeps its place', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(2);
  assert.equal(resyncs.admits(ref('a'), book.of, 0), true);
  assert.equal(resyncs.admits(ref('b'), book.of, 0), true);
  assert.equal(resyncs.admits(ref('c'), book.of, 100), false);
  assert.equal(resyncs.admits(ref('a'), book.of, 100), true);
});

test('a resync keeps its place however long it takes, and gives it up once the link is up', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(1);
  assert.equal(resyncs.admits(ref('a'), book.of, 0), true);
  for (let nowMs = 100; nowMs <= 600_000; nowMs += 60_000) {
    book.note(ref('a'), SYNCING, nowMs);
    assert.equal(resyncs.admits(ref('b'), book.of, nowMs + 1), false, `${nowMs}`);
  }
  book.note(ref('a'), LINKED, 600_100);
  assert.equal(resyncs.admits(ref('b'), book.of, 600_101), true);
});

test('what was seen before a server was let in says nothing of its resync', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(1);
  book.note(ref('a'), LINKED, 900);
  assert.equal(resyncs.admits(ref('a'), book.of, 1_000), true);
  assert.equal(resyncs.admits(ref('b'), book.of, 1_100), false);
});

test('a server that falls out again later takes a place as any other, and only one for each is let in', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(1);
  assert.equal(resyncs.admits(ref('a'), book.of, 0), true);
  book.note(ref('a'), LINKED, 1_000);
  book.note(ref('a'), IN_VAIN, 99_000);
  assert.equal(resyncs.admits(ref('a'), book.of, 100_000), true);
  assert.equal(resyncs.admits(ref('b'), book.of, 100_100), false);
});

test('who was let in is forgotten with the term', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(1);
  assert.equal(resyncs.admits(ref('a'), book.of, 0), true);
  resyncs.clear();
  assert.equal(resyncs.admits(ref('b'), book.of, 100), true);
});

test('a server that never begins, and one that is gone in the middle, lose their place', () => {
  const book = evidenceBook();
  const resyncs = new Resyncs(1);
  assert.equal(resyncs.admits(ref('a'), book.of, 0), true);
  book.note(ref('a'), IN_VAIN, 4_000);
  assert.equal(resyncs.admits(ref('b'), book.of, 4_900), false);
  book.note(ref('a'), IN_VAIN, 5_000);
  assert.equal(resyncs.admits(ref('b'), book.of, 5_001), true);
  book.note(ref('b'), SYNCING, 6_000);
  assert.equal(resyncs.admits(ref('a'), book.of, 10_900), false);
  assert.equal(resyncs.admits(ref('a'), book.of, 11_001), true, 'nothing heard of it for five seconds');
});
