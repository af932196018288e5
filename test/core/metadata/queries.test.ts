import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeSyncSet,
  findConsumerGroup,
  findGroup,
  findReplica,
  findTopic,
  highestEpoch,
  isAutomaticStopped,
  masterOf,
} from '../../../src/core/metadata/queries.ts';
import type { StopScope } from '../../../src/core/metadata/state.ts';
import {
  consumerGroupName,
  groupKey,
  groupName,
  replicaId,
  siteName,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import {
  addGroup,
  addTopic,
  changeSyncSet,
  declared,
  fence,
  type Ledger,
  MAIN,
  ORDERS,
  promote,
  reigning,
} from './ledger.ts';

const STOCK = groupKey(MAIN, groupName('stock'));

test('look-ups find by name and answer null otherwise', () => {
  const ledger = reigning().accept(addTopic(), {
    type: 'consumerGroup.add',
    cluster: MAIN,
    name: consumerGroupName('billing'),
    owner: '',
    labels: {},
  });
  const { store } = ledger;
  assert.equal(findGroup(store, ORDERS), ledger.group());
  assert.equal(findGroup(store, STOCK), null);
  assert.equal(findTopic(store, MAIN, topicName('created'))?.name, 'created');
  assert.equal(findTopic(store, MAIN, topicName('paid')), null);
  assert.equal(findConsumerGroup(store, MAIN, consumerGroupName('billing'))?.name, 'billing');
  assert.equal(findConsumerGroup(store, MAIN, consumerGroupName('audit')), null);
  assert.equal(findReplica(ledger.group(), replicaId('orders-3'))?.site, 'idc-b');
  assert.equal(findReplica(ledger.group(), replicaId('orders-9')), null);
});

test('master and sync set are there from the first reign on', () => {
  assert.equal(masterOf(declared().group()), null);
  assert.equal(activeSyncSet(declared().group()), null);
  const group = reigning().accept(changeSyncSet(1, 1), fence(2)).group();
  assert.equal(masterOf(group)?.id, 'orders-1');
  assert.equal(activeSyncSet(group)?.version, 2);
});

test('the highest epoch counts the phase under way', () => {
  assert.equal(highestEpoch(declared().group()), 1);
  assert.equal(highestEpoch(reigning().group()), 1);
  assert.equal(highestEpoch(reigning().accept(fence(2)).group()), 2);
  assert.equal(highestEpoch(reigning().accept(fence(2), promote(2, 2)).group()), 2);
});

const stop = (ledger: Ledger, scope: StopScope): Ledger =>
  ledger.accept({
    type: 'automatic.stop',
    stop: { scope, by: 'operator', reason: 'work', sinceWallMs: 1, untilWallMs: null },
  });
const stoppedBy = (ledger: Ledger, key = ORDERS) =>
  isAutomaticStopped(ledger.store, ledger.group(key))?.scope.kind ?? null;
const idc = (name: string): StopScope => ({ kind: 'idc', site: siteName(name) });

test('a stop applies to everything, to a group, or to the masters of an IDC; the widest is named', () => {
  const ledger = reigning().accept(addGroup('stock', 9_000));
  assert.equal(stoppedBy(ledger), null);
  stop(ledger, { kind: 'group', group: ORDERS });
  assert.deepEqual([stoppedBy(ledger), stoppedBy(ledger, STOCK)], ['group', null]);
  stop(ledger, idc('idc-a'));
  assert.equal(stoppedBy(ledger), 'idc');
  stop(ledger, { kind: 'all' });
  assert.deepEqual([stoppedBy(ledger), stoppedBy(ledger, STOCK)], ['all', 'all']);
});

test('a stop of the IDC of a slave does not stop the group, unless it never had a master', () => {
  assert.equal(stoppedBy(stop(reigning(), idc('idc-b'))), null);
  assert.equal(stoppedBy(stop(declared(), idc('idc-b'))), 'idc');
});
