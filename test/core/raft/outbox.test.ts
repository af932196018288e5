import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../../../src/core/raft/outbox.ts';
import type { RaftMessage } from '../../../src/core/raft/types.ts';
import { B, C } from './harness.ts';

const answer = (matchIndex: number, round: number): RaftMessage => ({
  type: 'appendReply',
  term: 1,
  round,
  outcome: { accepted: true, matchIndex },
});

test('the last of several append answers says it all, to each leader for itself', () => {
  const outbox = new Outbox();
  outbox.sendAfterPersist(B, answer(1, 1));
  outbox.sendAfterPersist(B, answer(2, 2));
  outbox.sendAfterPersist(C, answer(3, 3));
  assert.deepEqual(
    outbox.takeAfterPersist().map(({ to, message }) => [to, message.type === 'appendReply' && message.round]),
    [
      [B, 2],
      [C, 3],
    ],
  );
  assert.equal(outbox.isEmpty, true);
});

test('an answer that says less, or a refusal, takes nothing away', () => {
  const outbox = new Outbox();
  outbox.sendAfterPersist(B, answer(5, 1));
  outbox.sendAfterPersist(B, answer(4, 2));
  outbox.sendAfterPersist(B, {
    type: 'appendReply',
    term: 1,
    round: 3,
    outcome: { accepted: false, rejectedIndex: 9, hintIndex: 5, hintTerm: 1 },
  });
  assert.equal(outbox.takeAfterPersist().length, 3);
});
