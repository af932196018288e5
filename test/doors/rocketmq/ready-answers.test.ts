import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadyAnswers } from '../../../src/doors/rocketmq/ready-answers.ts';

const answerOf = (bytes: number) => ({ code: 0, body: Buffer.alloc(bytes) }) as const;

describe('ReadyAnswers', () => {
  it('gives the same answer until its topic, or what many depend on, has changed', () => {
    const ready = new ReadyAnswers();
    let made = 0;
    const make = () => {
      made += 1;
      return answerOf(made);
    };
    const [about, changed] = [{}, {}];
    const first = ready.answer({ brokersRevision: 1 }, 'orders', about, make);
    assert.equal(ready.answer({ brokersRevision: 1 }, 'orders', about, make), first);
    assert.equal(ready.answer({ brokersRevision: 1 }, 'orders', changed, make).body?.length, 2);
    assert.equal(ready.answer({ brokersRevision: 1 }, 'orders', changed, make).body?.length, 2);
    assert.equal(ready.answer({ brokersRevision: 2 }, 'orders', changed, make).body?.length, 3);
  });

  it('never keeps more bytes than it may, and drops the oldest first', () => {
    const ready = new ReadyAnswers(10_000);
    const state = { brokersRevision: 1 };
    for (let nth = 0; nth < 50; nth += 1) {
      ready.answer(state, `topic-${nth}`, null, () => answerOf(1_000));
      assert.ok(ready.bytes <= 10_000, `${ready.bytes}`);
    }
    let made = 0;
    const makeAgain = () => {
      made += 1;
      return answerOf(1_000);
    };
    ready.answer(state, 'topic-49', null, makeAgain);
    assert.equal(made, 0, 'the newest is there');
    ready.answer(state, 'topic-0', null, makeAgain);
    assert.equal(made, 1, 'the oldest is gone');
    ready.answer(state, 'large', null, () => answerOf(20_000));
    assert.ok(ready.bytes <= 10_000);
    ready.answer(state, 'topic-0', {}, () => answerOf(10));
    ready.answer({ brokersRevision: 2 }, 'topic-0', null, () => answerOf(10));
    assert.ok(ready.bytes < 1_000, 'nothing of what went before is counted');
  });
});
