import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { brokerEvidenceRows } from '../../../../src/core/coordinator/broker-sets/evidence-rows.ts';
import { at, heartbeat, refOf, registered } from './broker-signs.ts';
import { A, B, W } from './broker-tier.ts';

test('rows of a broker are the own evidence, then what other nodes told, closed connections too', () => {
  const book = new BrokerBook();
  const vantages = new BrokerVantages();
  book.heard(heartbeat(1, { epoch: 3, maxOffset: 90n, confirmOffset: 80n }), at(1_000));
  book.heard(registered(1), at(1_500));
  book.heard(registered(2), at(1_200));
  vantages.record(B, [{ ...refOf(1), ageMs: 100, closed: false }], at(1_600));
  vantages.record(W, [{ ...refOf(1), ageMs: 900, closed: true }], at(1_600));
  const rows = brokerEvidenceRows({ book, vantages }, A, [refOf(1), refOf(2), refOf(3)], at(2_000));
  assert.deepEqual(rows, [
    {
      ref: refOf(1),
      vantage: A,
      ageMs: 500,
      isClosed: false,
      heartbeat: { epoch: 3, maxOffset: 90n, confirmOffset: 80n, ageMs: 1_000 },
    },
    { ref: refOf(1), vantage: B, ageMs: 500, isClosed: false, heartbeat: null },
    { ref: refOf(1), vantage: W, ageMs: 1_300, isClosed: true, heartbeat: null },
    { ref: refOf(2), vantage: A, ageMs: 800, isClosed: false, heartbeat: null },
  ]);
});
