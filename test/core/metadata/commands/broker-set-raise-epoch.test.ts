import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyId, BROKER_A, elect, loseMaster } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const raise = (masterEpoch: number) =>
  ({ type: 'brokerSet.raiseEpoch', name: BROKER_A, masterEpoch }) as const;

test('the epoch of a set without a master goes up to what was seen, and never down', () => {
  const ledger = new Ledger().accept(applyId(1), raise(9), raise(4));
  assert.equal(ledger.store.brokerSets.get(BROKER_A)?.masterEpoch, 9);
  ledger.refuse(elect(1, 0), 'fencedMasterEpoch', 'expectedMasterEpoch');
  ledger.accept(elect(1, 9, { reason: 'firstMaster' }));
});

test('where a master reigns it takes an election', () => {
  const ledger = new Ledger().accept(applyId(1), elect(1, 0));
  ledger.refuse(raise(9), 'masterReigns', 'name');
  ledger.accept(loseMaster(1), raise(9));
});
