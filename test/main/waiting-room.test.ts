import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodeName, nodeName } from '../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../src/core/primitives/refusal.ts';
import {
  hasNeverTakenPart,
  isMajority,
  judgeFirstStart,
  type PeerSeen,
  WaitingRoom,
} from '../../src/main/waiting-room.ts';

const A = nodeName('node-a');
const B = nodeName('node-b');
const W = nodeName('node-w');
const fresh: PeerSeen = { connected: true, tierId: null };
const absent: PeerSeen = { connected: false, tierId: null };
const member: PeerSeen = { connected: true, tierId: 'tier-1' };
const peersOf = (b: PeerSeen, w: PeerSeen): ReadonlyMap<NodeName, PeerSeen> =>
  new Map([
    [B, b],
    [W, w],
  ]);

test('a log with a term has taken part, one without never has', () => {
  const restored = (term: number) => ({
    hardState: { term, votedFor: null, commitIndex: 0 },
    snapshot: null,
    entries: [],
  });
  assert.equal(hasNeverTakenPart(restored(0)), true);
  assert.equal(hasNeverTakenPart(restored(1)), false);
});

test('a majority counts this node, and needs more than half', () => {
  assert.equal(isMajority(new Map()), true, 'a tier of one');
  assert.equal(isMajority(peersOf(absent, absent)), false);
  assert.equal(isMajority(peersOf(fresh, absent)), true);
  const five = new Map([
    ...peersOf(fresh, absent),
    [nodeName('node-c'), absent],
    [nodeName('node-d'), absent],
  ]);
  assert.equal(isMajority(five), false);
});

test('a tier is founded by all nodes at once, or by a majority that waited for the others', () => {
  assert.equal(judgeFirstStart(peersOf(absent, absent), null), 'wait');
  assert.equal(judgeFirstStart(peersOf(fresh, fresh), 0), 'found');
  assert.equal(judgeFirstStart(peersOf(fresh, absent), 0), 'wait');
  assert.equal(judgeFirstStart(peersOf(fresh, absent), 5_000), 'found');
});

test('where any peer belongs to a tier, nobody founds another', () => {
  assert.equal(judgeFirstStart(peersOf(member, fresh), 5_000), 'askToJoin');
  assert.equal(judgeFirstStart(peersOf({ ...member, connected: false }, fresh), 5_000), 'askToJoin');
});

test('a replacement never founds a tier', () => {
  assert.equal(judgeFirstStart(peersOf(fresh, fresh), 60_000, true), 'wait');
  assert.equal(judgeFirstStart(peersOf(member, fresh), null, true), 'askToJoin');
});

test('a tier is asked again only after a while, with the same id, and only the answer to it counts', () => {
  const room = new WaitingRoom({ node: A, directoryId: 'directory-1', isReplacement: true }, '/data', 5);
  assert.deepEqual(room.look(peersOf(fresh, absent), 0), { judgement: 'wait', ask: null });
  const { ask } = room.look(peersOf(member, absent), 20);
  assert.ok(ask?.kind === 'forward' && ask.forwardId === 5);
  assert.equal(room.look(peersOf(member, absent), 40).ask, null);
  assert.deepEqual(room.look(peersOf(member, absent), 320).ask, ask);
  const reply = accepted({ kind: 'committed', index: 7 } as const);
  assert.equal(room.heard({ kind: 'forwardReply', forwardId: 4, reply }), null);
  assert.equal(room.heard({ kind: 'forwardReply', forwardId: 5, reply: refused('noLeader', '') }), null);
  assert.deepEqual(room.heard({ kind: 'forwardReply', forwardId: 5, reply }), { kind: 'admitted' });
});
