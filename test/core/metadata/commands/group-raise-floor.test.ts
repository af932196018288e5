import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch } from '../../../../src/core/primitives/identifiers.ts';
import { type CommandOf, declared, fence, ORDERS, reigning } from '../ledger.ts';

const raise = (floor: bigint, epochNumber = 1): CommandOf<'group.raiseFloor'> => ({
  type: 'group.raiseFloor',
  key: ORDERS,
  epoch: epoch(epochNumber),
  floor,
});

test('the floor rises and never falls, beyond what a double can hold', () => {
  const high = 2n ** 60n + 1n;
  const ledger = reigning().accept(raise(high));
  assert.equal(ledger.group().floor, high);
  ledger.accept(raise(high - 1n));
  assert.equal(ledger.group().floor, high);
});

test('only the active reign has a floor to raise', () => {
  declared().refuse(raise(5n), 'staleEpoch');
  const ledger = reigning();
  ledger.refuse(raise(5_000n, 2), 'staleEpoch');
  ledger.accept(fence(2)).refuse(raise(5_000n), 'notActive');
});
