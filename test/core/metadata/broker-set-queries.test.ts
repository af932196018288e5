import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  brokerByAddress,
  findBrokerSet,
  findBrokerSetByKey,
  masterAddressesOf,
  masterBrokerOf,
  stopOfBrokerSet,
  wasNeverMastered,
} from '../../../src/core/metadata/broker-set-queries.ts';
import type { AutomaticStop, StopScope } from '../../../src/core/metadata/state.ts';
import { groupKey } from '../../../src/core/primitives/identifiers.ts';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  CLUSTER,
  elect,
  IDC_A,
  IDC_B,
  loseMaster,
  registerBroker,
  registration,
  version,
} from './broker-set-fixture.ts';
import { bootstrap, Ledger } from './ledger.ts';

const setOf = (ledger: Ledger) => findBrokerSet(ledger.store, BROKER_A) ?? assert.fail();
const elected = () =>
  new Ledger().accept(
    bootstrap,
    applyId(1),
    applyId(2),
    elect(1, 0),
    alterSyncStateSet([1, 2]),
    registration(1, { dataVersion: version(1, 1) }),
    registration(2, { brokerId: 2, site: IDC_B, dataVersion: version(1, 1) }),
  );

test('a set is found by name and by key, a broker by its address, the master by its id', () => {
  const ledger = elected();
  assert.equal(findBrokerSetByKey(ledger.store, groupKey(CLUSTER, BROKER_A)), setOf(ledger));
  assert.equal(findBrokerSetByKey(ledger.store, groupKey(CLUSTER, BROKER_B)), null);
  assert.equal(brokerByAddress(setOf(ledger), addressOf(2))?.id, 2);
  assert.equal(brokerByAddress(setOf(ledger), addressOf(7)), null);
  assert.equal(masterBrokerOf(setOf(ledger))?.id, 1);
});

test('slaves are told the elected master at once, and none while there is none', () => {
  const ledger = elected();
  assert.equal(masterAddressesOf(ledger.store, BROKER_A)?.haAddress, '10.0.0.1:10912');
  ledger.accept(elect(2, 1));
  assert.deepEqual(masterAddressesOf(ledger.store, BROKER_A), {
    address: addressOf(2),
    haAddress: '10.0.0.2:10912',
  });
  // What it said before it went away still holds: it listens there when it is back.
  ledger.accept({ type: 'registration.remove', name: BROKER_A, address: addressOf(2) });
  assert.equal(masterAddressesOf(ledger.store, BROKER_A)?.haAddress, '10.0.0.2:10912');
  ledger.accept(loseMaster(2));
  assert.equal(masterAddressesOf(ledger.store, BROKER_A), null);
});

test('without a Controller the master is who is registered as 0', () => {
  const ledger = new Ledger().accept(registration(1), registration(2, { brokerId: 1 }));
  assert.equal(masterAddressesOf(ledger.store, BROKER_A)?.address, addressOf(1));
  assert.equal(masterAddressesOf(ledger.store, BROKER_B), null);
});

test('a set was never mastered until its first election, unless its brokers had a life before us', () => {
  assert.equal(wasNeverMastered(setOf(new Ledger().accept(applyId(1)))), true);
  assert.equal(wasNeverMastered(setOf(new Ledger().accept(registerBroker(1)))), false);
  assert.equal(wasNeverMastered(setOf(elected())), false);
  assert.equal(wasNeverMastered(setOf(elected().accept(loseMaster(1)))), false);
});

test('a stop applies to all, to the IDC of the master or of whoever may become one, or to the set', () => {
  const stop = (scope: StopScope): { type: 'automatic.stop'; stop: AutomaticStop } => ({
    type: 'automatic.stop',
    stop: { scope, by: 'o', reason: '', sinceWallMs: 1, untilWallMs: null },
  });
  const kindOf = (ledger: Ledger) => stopOfBrokerSet(ledger.store, setOf(ledger))?.scope.kind ?? null;
  assert.equal(kindOf(elected()), null);
  assert.equal(kindOf(elected().accept(stop({ kind: 'idc', site: IDC_B }))), null);
  assert.equal(kindOf(elected().accept(stop({ kind: 'idc', site: IDC_A }))), 'idc');
  const lost = () => new Ledger().accept(bootstrap, applyId(1), applyId(2), elect(1, 0), loseMaster(1));
  assert.equal(kindOf(lost().accept(stop({ kind: 'idc', site: IDC_A }))), 'idc', 'who could follow is there');
  assert.equal(kindOf(lost().accept(stop({ kind: 'idc', site: IDC_B }))), null, 'nobody there counts');
  const adopted = new Ledger().accept(bootstrap, registerBroker(1), stop({ kind: 'idc', site: IDC_A }));
  assert.equal(kindOf(adopted), 'idc');
  assert.equal(kindOf(adopted.accept(registerBroker(2))), null, 'one of the other IDC may be chosen');
  const group = groupKey(CLUSTER, BROKER_A);
  assert.equal(kindOf(elected().accept(stop({ kind: 'group', group }))), 'group');
  assert.equal(kindOf(elected().accept(stop({ kind: 'group', group }), stop({ kind: 'all' }))), 'all');
});
