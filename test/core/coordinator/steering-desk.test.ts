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

function newDesk(watchOnly = false) {
  let last = 0;
  const takeId = () => {
    last += 1;
    return last;
  };
  const desk = createSteeringDesk({ takeId, isWatchOnly: () => watchOnly });
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

test('an action without a result fails in time, and the next one goes out at once', () => {
  const { desk } = newDesk();
  desk.issue(where(), RESUME, at(0, OTHER));
  assert.deepEqual(desk.expire(2_999), []);
  const [expired] = desk.expire(3_000);
  assert.ok(expired?.outcome.kind === 'failed' && expired.outcome.reason === 'unreachable');
  assert.notEqual(desk.issue(where(), RESUME, at(3_100)), null);
});

test('every way to a server that is taken anew gets a greater number than those before', () => {
  const { desk, result } = newDesk();
  const path = (via: NodeName | null, replica = M): number => {
    const effect = desk.issue(where(replica), RESUME, at(0, via));
    const request =
      effect?.kind === 'send' && effect.message.type === 'steer' ? effect.message.request : null;
    const issued = effect?.kind === 'steer' ? effect.request : request;
    assert.ok(issued !== null);
    desk.take(result(issued.steerId, replica));
    return issued.path;
  };
  assert.deepEqual([path(null), path(null)], [0, 0]);
  const through = path(OTHER);
  assert.ok(through > 0);
  assert.equal(path(OTHER), through);
  assert.equal(path(null, A2), 0);
  const back = path(null);
  assert.ok(back > through);
  assert.ok(path(OTHER) > back);
  desk.abandonAll('leadership moved');
  assert.equal(path(OTHER), 0);
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

test('of a group that is only watched nothing is asked but a look before it is taken over', () => {
  const { desk } = newDesk(true);
  assert.throws(() => desk.issue(where(), RESUME, at(0)), /watch-only: resumeWrites/);
  assert.notEqual(desk.issue(where(), { kind: 'inspect' }, at(0)), null);
});
