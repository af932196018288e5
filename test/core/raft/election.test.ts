import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, append, B, C, EMPTY, elect, newCore, only, restored, sent, settle } from './harness.ts';

const vote = (term: number, transfer = false, lastIndex = 9, lastTerm = 9) =>
  ({ type: 'vote', term, lastIndex, lastTerm, transfer }) as const;
const preVote = (term: number, lastIndex = 9, lastTerm = 9) =>
  ({ type: 'preVote', term, lastIndex, lastTerm }) as const;

test('a pre-vote changes nothing, on either side, and is not written', () => {
  const core = newCore({}, restored([1]));
  core.tick(5_000);
  const asked = settle(core);
  assert.deepEqual(only(sent(asked.before, 'preVote')), {
    type: 'preVote',
    term: 2,
    lastIndex: 1,
    lastTerm: 1,
  });
  assert.deepEqual(asked.batches, []);
  core.step(B, preVote(7), 5_000);
  const answered = settle(core);
  assert.deepEqual(only(sent(answered.before, 'preVoteReply')), {
    type: 'preVoteReply',
    term: 7,
    granted: true,
  });
  assert.equal(core.status().term, 1);
});

test('a pre-vote is refused under a leader, to an old term, and to a log that is behind', () => {
  const core = newCore({}, restored([3, 3]), 0);
  const answer = (message: ReturnType<typeof preVote>, nowMs: number): boolean => {
    core.step(C, message, nowMs);
    return only(sent(settle(core).before, 'preVoteReply', C)).granted;
  };
  assert.equal(answer(preVote(4, 2, 3), 1_000), true);
  assert.equal(answer(preVote(3, 2, 3), 1_000), false);
  assert.equal(answer(preVote(4, 1, 3), 1_000), false);
  assert.equal(answer(preVote(4, 9, 2), 1_000), false);
  core.step(B, append(3, [2, 3]), 1_500);
  settle(core);
  assert.equal(answer(preVote(4, 2, 3), 2_499), false);
  assert.equal(answer(preVote(4, 2, 3), 2_500), true);
});

test('the own vote is on disk before any vote is asked for, and counts only then', () => {
  const core = newCore({}, restored([1]));
  core.tick(5_000);
  settle(core);
  core.step(B, { type: 'preVoteReply', term: 2, granted: true }, 5_000);
  const ready = core.takeReady();
  assert.deepEqual(ready.persist?.hardState, { term: 2, votedFor: A, commitIndex: 0 });
  assert.deepEqual(ready.messagesNow, []);
  assert.equal(sent(core.acknowledge().messages, 'vote').length, 1);
});

test('one vote a term, written before it is sent, remembered over a restart', () => {
  const core = newCore();
  core.step(B, vote(4), 10);
  const ready = core.takeReady();
  assert.equal(ready.messagesNow.length, 0);
  assert.deepEqual(ready.persist?.hardState, { term: 4, votedFor: B, commitIndex: 0 });
  assert.equal(only(sent(core.acknowledge().messages, 'voteReply')).granted, true);
  core.step(C, vote(4), 11);
  assert.equal(only(sent(settle(core).after, 'voteReply', C)).granted, false);

  const again = newCore({}, { ...EMPTY, hardState: { term: 4, votedFor: B, commitIndex: 0 } });
  again.step(C, vote(4), 2_000);
  assert.equal(only(sent(settle(again).after, 'voteReply', C)).granted, false);
  again.step(B, vote(4), 2_000);
  assert.equal(only(sent(settle(again).after, 'voteReply')).granted, true);
});

test('a vote goes only to a log that covers this one: a later last term, or the same and no shorter', () => {
  for (const [lastIndex, lastTerm, granted] of [
    [9, 2, false],
    [1, 3, false],
    [2, 3, true],
    [1, 4, true],
  ] as const) {
    const core = newCore({}, restored([3, 3]));
    core.step(B, vote(5, false, lastIndex, lastTerm), 2_000);
    const settled = settle(core);
    assert.equal(only(sent(settled.after, 'voteReply')).granted, granted);
    assert.equal(only(settled.batches).hardState?.votedFor, granted ? B : null);
  }
});

test('under a leader a vote request is not even looked at, unless the leader asked for it', () => {
  const core = newCore({}, restored([1, 1]));
  core.step(B, append(1, [2, 1]), 5_000);
  settle(core);
  core.step(C, vote(8), 5_999);
  assert.equal(core.hasReady(), false);
  assert.equal(core.status().term, 1);
  core.step(C, vote(8, true), 5_999);
  assert.equal(only(sent(settle(core).after, 'voteReply', C)).granted, true);
});

test('stickiness outlives the leader’s term: what an old lease rests on is kept', () => {
  const core = newCore({}, restored([1]));
  core.step(B, append(1, [1, 1]), 5_000);
  core.step(C, { type: 'appendReply', term: 6, round: 1, outcome: { accepted: true, matchIndex: 0 } }, 5_100);
  settle(core);
  assert.equal(core.status().term, 6);
  core.step(C, vote(7), 5_900);
  assert.equal(core.hasReady(), false);
  core.step(C, vote(7), 6_000);
  assert.equal(only(sent(settle(core).after, 'voteReply', C)).granted, true);
});

test('a node that starts anew keeps silent for one election timeout; a blank one has promised nothing', () => {
  const core = newCore({}, restored([1]), 1_000);
  core.step(B, vote(2), 1_999);
  assert.equal(core.hasReady(), false);
  core.step(B, vote(2), 2_000);
  assert.equal(only(sent(settle(core).after, 'voteReply')).granted, true);

  const blank = newCore();
  blank.step(B, vote(1), 1);
  assert.equal(only(sent(settle(blank).after, 'voteReply')).granted, true);
});

test('a leader never votes, and a higher term in a request does not depose it', () => {
  const core = newCore();
  elect(core);
  core.step(C, vote(9), 5_001);
  assert.equal(core.status().role, 'leader');
});

test('lost requests are repeated, and a refusal with a later term is taken up at once', () => {
  const core = newCore({}, restored([1]));
  core.tick(5_000);
  settle(core);
  core.tick(5_250);
  assert.equal(sent(settle(core).before, 'preVote').length, 1);
  core.step(B, { type: 'preVoteReply', term: 6, granted: false }, 5_260);
  const again = settle(core);
  assert.equal(only(sent(again.before, 'preVote')).term, 7);
  assert.equal(only(again.batches).hardState?.term, 6);
});

test('an answer to another pre-vote or vote does not count', () => {
  const core = newCore({}, restored([1]));
  core.tick(5_000);
  settle(core);
  core.step(B, { type: 'preVoteReply', term: 1, granted: true }, 5_000);
  assert.equal(core.status().role, 'preCandidate');
  core.step(B, { type: 'preVoteReply', term: 2, granted: true }, 5_000);
  settle(core);
  core.step(B, { type: 'voteReply', term: 1, granted: true }, 5_000);
  core.step(C, { type: 'voteReply', term: 2, granted: false }, 5_000);
  assert.equal(core.status().role, 'candidate');
});
