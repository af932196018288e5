import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { nodeName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { at, closed, heartbeat, refOf } from './broker-signs.ts';

const B = nodeName('pollux-b');
const W = nodeName('pollux-w');

test('what another node heard counts from when it heard it; an ended connection there does not', () => {
  const vantages = new BrokerVantages();
  assert.equal(vantages.heardAtMs(refOf(1)), null);
  vantages.record(B, [{ ...refOf(1), ageMs: 400, closed: false }], at(1_000));
  vantages.record(W, [{ ...refOf(1), ageMs: 100, closed: true }], at(1_000));
  assert.equal(vantages.heardAtMs(refOf(1)), 600);
  vantages.record(W, [{ ...refOf(1), ageMs: 100, closed: false }], at(1_100));
  assert.deepEqual(vantages.nodesThatHeard(refOf(1)), [W, B]);
  assert.equal(vantages.heardAtMs(refOf(1)), 1_000);
});

test('all of a node’s evidence is told in turns, a bounded part at a time', () => {
  const book = new BrokerBook();
  const told = new BrokerVantages();
  const many = LIMITS.brokersSeenAtOnce * 2 + 7;
  for (let number = 1; number <= many; number += 1) book.heard(heartbeat(number), at(number));
  book.heard(closed(5), at(many));
  const seen = new Set<string>();
  for (let turn = 0; turn < 3; turn += 1) {
    const portion = told.share(book, at(many));
    assert.ok(portion.length <= LIMITS.brokersSeenAtOnce);
    for (const { address } of portion) seen.add(address);
    for (const row of portion) if (row.address === refOf(5).address) assert.ok(row.closed);
  }
  assert.equal(seen.size, many);
});

test('the node that heard any broker last is known', () => {
  const vantages = new BrokerVantages();
  assert.equal(vantages.newest(), null);
  vantages.record(B, [{ ...refOf(1), ageMs: 10, closed: false }], at(1_000));
  vantages.record(W, [{ ...refOf(2), ageMs: 20, closed: false }], at(1_000));
  assert.equal(vantages.newest()?.node, B);
});
