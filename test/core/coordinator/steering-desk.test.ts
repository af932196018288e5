import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSteeringDesk } from '../../../src/core/coordinator/steering-desk.ts';
import type { SteerOutcome } from '../../../src/core/failover/steering.ts';
import { type NodeName, nodeName, term } from '../../../src/core/primitives/identifiers.ts';
import { KEY } from './adopted-group.ts';
import { A2, addressOf, M } from './fake-servers.ts';

const where = (replica = M) =>
  ({ ref: { group: KEY, replica }, address: addressOf(replica), broker: 'redis' }) as const;
const at = (nowMs: number, via: NodeName | null = null) =>
  ({ term: term(3), nowMs, via, phaseKey: 'active:1' }) as const;
const RESUME = { kind: 'resumeWrites' } as const;
const DONE: SteerOutcome = { kind: 'done', report: null };
const OTHER = nodeName('pollux-b');

function newDesk() {
  let last = 0;
  const desk = createSteeringDesk(() => {
    last += 1;
    return last;
  });
  const result = (steerId: number, replica = M) =>
    ({ steerId, term: term(3), ref: where(replica).ref, outcome: DONE }) as const;
  return { desk, result };
}

test('one action is out for each server, and its result is handed out once, with what asked for it', () => {
  const { desk, result } = newDesk();
  const effect = desk.issue(where(), RESUME, at(0));
  assert.ok(effect?.kind === 'steer' && effect.request.term === 3);
  assert.equal(desk.issue(where(), RESUME, at(1)), null);
  assert.notEqual(desk.issue(where(A2), RESUME, at(1)), null);
  assert.equal(desk.take(result(9)), null);
  const done = desk.take(result(1));
  assert.equal(done?.phaseKey, 'active:1');
  assert.equal(done?.outcome.kind, 'done');
  assert.equal(desk.take(result(1)), null);
  assert.equal(desk.isBusy(where().ref), false);
});

test('an action goes through another node where it is told to', () => {
  const { desk } = newDesk();
  const effect = desk.issue(where(), RESUME, at(0, OTHER));
  assert.ok(effect?.kind === 'send' && effect.to === OTHER && effect.message.type === 'steer');
});

test('an action without a result fails in time, and no other node acts on the server while it may still arrive', () => {
  const { desk, result } = newDesk();
  desk.issue(where(), RESUME, at(0, OTHER));
  assert.deepEqual(desk.expire(2_999), []);
  const [expired] = desk.expire(3_000);
  assert.ok(expired?.outcome.kind === 'failed' && expired.outcome.reason === 'unreachable');
  assert.equal(desk.issue(where(), RESUME, at(3_100)), null);
  desk.take(result(1));
  assert.notEqual(desk.issue(where(), RESUME, at(3_200)), null);
});

test('the way that an expired action went stays open, and after a while every other one is', () => {
  for (const [via, nowMs] of [
    [OTHER, 3_100],
    [null, 9_000],
  ] as const) {
    const { desk } = newDesk();
    desk.issue(where(), RESUME, at(0, OTHER));
    desk.expire(3_000);
    assert.notEqual(desk.issue(where(), RESUME, at(nowMs, via)), null);
  }
});

test('whoever waits for an outcome is told when leadership moves, and late results belong to nobody', () => {
  const { desk, result } = newDesk();
  const outcomes: SteerOutcome[] = [];
  desk.issue(where(), RESUME, at(0), (outcome) => outcomes.push(outcome));
  desk.issue(where(A2), RESUME, at(0));
  desk.abandonAll('leadership moved');
  assert.ok(outcomes[0]?.kind === 'failed' && outcomes[0].reason === 'superseded');
  assert.equal(desk.take(result(2, A2)), null);
  assert.deepEqual(desk.expire(10_000), []);
});
