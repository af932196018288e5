import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { askedOf } from '../../../../src/core/coordinator/broker-sets/collect.ts';
import { SetContext } from '../../../../src/core/coordinator/broker-sets/set-context.ts';
import { applyId, BROKER_A, CLUSTER } from '../../metadata/broker-set-fixture.ts';
import { bootstrap, Ledger } from '../../metadata/ledger.ts';
import { leadingContext } from '../leading-context.ts';
import { at, heartbeat } from './broker-signs.ts';

/** Whether broker 1 is taken for one that serves, by when its heartbeats came. */
function serves(heartbeatsMs: readonly number[], nowMs: number): boolean | undefined {
  const ledger = new Ledger().accept(bootstrap, applyId(1));
  const context = leadingContext(() => ledger.store);
  const book = new BrokerBook();
  for (const ms of heartbeatsMs) book.heard(heartbeat(1, { cluster: CLUSTER, name: BROKER_A }), at(ms));
  const asks = new BrokerAsks(context);
  const sets = new SetContext({ context, book, vantages: new BrokerVantages(), asks });
  const set = sets.setOf(BROKER_A) ?? assert.fail();
  const collection = { startedMs: 0, ways: new Map<number, number>(), answers: new Map() };
  return askedOf(sets, set, [1], collection, at(nowMs))[0]?.serves;
}

test('a broker serves that heartbeats every second; one that waits for its role does with every try only', () => {
  assert.equal(serves([0, 1_000], 1_900), true);
  assert.equal(serves([0, 5_000], 5_100), false);
  assert.equal(serves([5_000], 5_100), false);
  assert.equal(serves([0, 1_000], 4_000), false, 'it did until a while ago');
  assert.equal(serves([], 100), false);
});
