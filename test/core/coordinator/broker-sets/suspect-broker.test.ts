import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { suspectBroker } from '../../../../src/core/coordinator/broker-sets/suspect-broker.ts';
import { at, closed, heartbeat, refOf } from './broker-signs.ts';

/** Heard at 10,000; silence of 3,000 ms counts. */
function look(
  nowMs: number,
  changes: {
    watchingSinceMs?: number;
    stalledUntilMs?: number;
    elsewhereAtMs?: number;
    closedAtMs?: number;
    never?: true;
  } = {},
) {
  const book = new BrokerBook();
  if (changes.never === undefined) book.heard(heartbeat(1), at(10_000));
  if (changes.closedAtMs !== undefined) book.heard(closed(1), at(changes.closedAtMs));
  return suspectBroker({
    own: book.of(refOf(1)),
    elsewhereAtMs: changes.elsewhereAtMs ?? null,
    silenceMs: 3_000,
    now: at(nowMs),
    watchingSinceMs: changes.watchingSinceMs ?? 0,
    stalledUntilMs: changes.stalledUntilMs ?? null,
  });
}
const kindOf = (...args: Parameters<typeof look>): string => {
  const suspicion = look(...args);
  return suspicion.kind === 'suspect' ? suspicion.path : suspicion.kind;
};

test('a broker is suspected once it was silent for its whole time, not before', () => {
  assert.equal(kindOf(12_999), 'alive');
  assert.equal(kindOf(13_000), 'silence');
});

test('the end of its connection is a suspicion at once, also where another node heard it a moment ago', () => {
  assert.equal(kindOf(10_001, { closedAtMs: 10_001, elsewhereAtMs: 10_000 }), 'closed');
});

test('a broker that another node hears is not suspected for its silence here', () => {
  assert.equal(kindOf(13_000, { elsewhereAtMs: 10_001 }), 'heardElsewhere');
  assert.equal(kindOf(13_001, { elsewhereAtMs: 10_001 }), 'silence');
});

test('a node that has listened for less than the detection time accuses nobody', () => {
  assert.equal(kindOf(20_000, { watchingSinceMs: 17_001 }), 'abstain');
  assert.equal(kindOf(20_000, { watchingSinceMs: 17_000 }), 'silence');
  assert.equal(kindOf(20_000, { watchingSinceMs: 17_001, closedAtMs: 19_000 }), 'abstain');
});

test('a node that stalled accuses nobody for a detection time', () => {
  assert.equal(kindOf(20_000, { stalledUntilMs: 17_001 }), 'abstain');
  assert.equal(kindOf(20_000, { stalledUntilMs: 17_000 }), 'silence');
});

test('a broker that this node never heard is worth a question once it has listened for long enough', () => {
  assert.equal(kindOf(2_999, { never: true }), 'abstain');
  assert.equal(kindOf(3_000, { never: true }), 'neverHeard');
  assert.equal(kindOf(3_000, { never: true, elsewhereAtMs: 1 }), 'heardElsewhere');
});
