import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addRecord, changeRecord, findRecord } from '../../../src/core/metadata/history.ts';
import type { HistoryRecord } from '../../../src/core/metadata/state.ts';
import { epoch, groupKey, groupName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { fence, type Ledger, MAIN, promote, reigning } from './ledger.ts';

const other = groupKey(MAIN, groupName('removed'));

/** A record of a group that is no more: nothing needs it. */
const dispensable = (number: number): HistoryRecord => ({
  ...reigning().record('orders-adoption'),
  id: `old-${number}`,
  group: other,
});

function fill(ledger: Ledger): void {
  for (let number = ledger.store.history.length; number < LIMITS.historyRecords; number += 1) {
    addRecord(ledger.store, dispensable(number));
  }
}

test('the history is bounded, oldest first', () => {
  const ledger = reigning();
  fill(ledger);
  addRecord(ledger.store, dispensable(5_000));
  assert.equal(ledger.store.history.length, LIMITS.historyRecords);
  assert.equal(findRecord(ledger.store, 'orders-adoption'), null);
  assert.equal(ledger.store.history.at(-1)?.id, 'old-5000');
});

test('a running move is kept; one that was given up is for people only', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2), fence(3, { reason: 'promotionFailed' }));
  fill(ledger);
  for (let number = 0; number < LIMITS.historyRecords; number += 1) {
    addRecord(ledger.store, dispensable(10_000 + number));
  }
  assert.equal(ledger.store.history[0]?.id, 'move-3');
  assert.equal(findRecord(ledger.store, 'move-2'), null);
  assert.equal(ledger.group().givenUp.length, 1, 'failover remembers it all the same');
  assert.equal(ledger.store.history.length, LIMITS.historyRecords);
});

test('where every record is needed the bound holds all the same, and the phase goes on without its record', () => {
  const ledger = reigning().accept(fence(2));
  const running = ledger.record('move-2');
  for (let number = 0; number < LIMITS.historyRecords; number += 1) {
    addRecord(ledger.store, { ...running, id: `running-${number}`, epoch: epoch(2) });
  }
  assert.equal(ledger.store.history.length, LIMITS.historyRecords);
  assert.equal(findRecord(ledger.store, 'move-2'), null);
  ledger.accept(promote(2, 2));
});

test('a reader may keep a record: changes make another', () => {
  const ledger = reigning();
  const { history } = ledger.store;
  const kept = ledger.record('orders-adoption');
  changeRecord(ledger.store, kept.id, (record) => ({ ...record, by: 'another' }));
  assert.equal(kept.by, 'operator');
  assert.equal(history[0], kept);
  assert.equal(ledger.record(kept.id).by, 'another');
});
