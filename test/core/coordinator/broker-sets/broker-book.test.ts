import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { at, closed, heartbeat, refOf, registered } from './broker-signs.ts';

test('the newest sign of each kind is kept', () => {
  const book = new BrokerBook();
  book.heard(registered(1), at(10));
  book.heard(heartbeat(1, { epoch: 3, maxOffset: 2n ** 60n }), at(20));
  const evidence = book.of(refOf(1));
  assert.equal(evidence?.heardAtMs, 20);
  assert.equal(evidence?.registeredAtMs, 10);
  assert.equal(evidence?.heartbeat?.maxOffset, 2n ** 60n);
  assert.equal(evidence?.heartbeat?.atMs, 20);
  assert.equal(book.of(refOf(2)), null);
});

test('the end of a connection counts only where nothing was heard on a later one', () => {
  const book = new BrokerBook();
  book.heard(heartbeat(1, { channel: 7 }), at(10));
  book.heard(heartbeat(1, { channel: 8 }), at(20));
  assert.equal(book.heard(closed(1, 7), at(30)), null);
  assert.equal(book.of(refOf(1))?.closedAtMs, null);
  assert.equal(book.heard(closed(1, 8), at(40))?.closedAtMs, 40);
  assert.equal(book.heard(closed(1, 8), at(50)), null, 'said once');
  assert.equal(book.of(refOf(1))?.heardAtMs, 20, 'the end is no sign of life');
  book.heard(registered(1, 9), at(60));
  assert.equal(book.of(refOf(1))?.closedAtMs, null);
  assert.equal(book.heard(closed(2, 8), at(70)), null, 'a broker that was never heard');
});

test('an answer to a question of this node is a sign of life, on no connection that could end', () => {
  const book = new BrokerBook();
  book.answered(refOf(1), at(10));
  assert.deepEqual(book.of(refOf(1)), {
    ref: refOf(1),
    heardAtMs: 10,
    heartbeat: null,
    registeredAtMs: null,
    channel: null,
    closedAtMs: null,
  });
  book.heard(heartbeat(1, { channel: 7 }), at(20));
  book.heard(closed(1, 7), at(30));
  book.answered(refOf(1), at(40));
  assert.equal(book.of(refOf(1))?.closedAtMs, null);
});

test('a full book forgets the broker that was heard longest ago', () => {
  const book = new BrokerBook(2);
  book.heard(heartbeat(1), at(1));
  book.heard(heartbeat(2), at(2));
  book.heard(heartbeat(1), at(3));
  book.heard(heartbeat(3), at(4));
  assert.deepEqual(
    [...book.entries()].map(({ ref }) => ref.address),
    [refOf(1).address, refOf(3).address],
  );
});

test('the same address under another name or cluster is another broker', () => {
  const book = new BrokerBook();
  book.heard(heartbeat(1), at(1));
  assert.equal(book.of({ ...refOf(1), cluster: refOf(1).cluster.concat('2') as typeof CLUSTER }), null);
});

const { cluster: CLUSTER } = refOf(1);
