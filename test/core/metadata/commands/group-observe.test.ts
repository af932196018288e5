import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  epoch,
  incarnation,
  lineage,
  MAX_EPOCH,
  replicaId,
} from '../../../../src/core/primitives/identifiers.ts';
import {
  addGroup,
  bootstrap,
  type CommandOf,
  changeSyncSet,
  fence,
  Ledger,
  ORDERS,
  promote,
  reigning,
} from '../ledger.ts';

const [ONE, TWO, THREE] = ['orders-1', 'orders-2', 'orders-3'].map(replicaId) as [
  ReturnType<typeof replicaId>,
  ReturnType<typeof replicaId>,
  ReturnType<typeof replicaId>,
];

const watched = () => new Ledger().accept(bootstrap, addGroup('orders', 7_101, { watchOnly: true }));

const observe = (change: Partial<CommandOf<'group.observe'>> = {}): CommandOf<'group.observe'> => ({
  type: 'group.observe',
  key: ORDERS,
  epoch: epoch(1),
  master: ONE,
  incarnation: incarnation('one'),
  lineage: lineage('first'),
  cut: 0n,
  members: [{ replica: TWO, incarnation: incarnation('two') }],
  rule: { kind: 'anyOf', k: 1 },
  degraded: false,
  recordId: 'seen-1',
  detail: 'orders-1 is seen to reign',
  wallMs: 20,
  ...change,
});

const second = observe({
  epoch: epoch(2),
  master: TWO,
  incarnation: incarnation('two'),
  lineage: lineage('second'),
  cut: 70n,
  members: [{ replica: THREE, incarnation: incarnation('three') }],
  recordId: 'seen-2',
});

test('the first observation makes the group active, and ends the record of its declaration', () => {
  const ledger = watched().accept(observe());
  const group = ledger.group();
  assert.deepEqual([group.phase.kind, group.epoch, group.master], ['active', 1, ONE]);
  assert.deepEqual(group.syncSets[0]?.members, [
    { replica: TWO, incarnation: incarnation('two'), caughtUp: true },
  ]);
  const { outcome, to } = ledger.record('orders-adoption');
  assert.deepEqual([outcome, to], ['completed', ONE]);
  assert.equal(ledger.store.history.length, 1);
});

test('of the same process it tells who holds its data; of another one it is the next reign', () => {
  const members = [{ replica: THREE, incarnation: incarnation('three') }];
  const ledger = watched().accept(observe(), observe({ members }));
  assert.deepEqual([ledger.group().reigns.length, ledger.group().syncSets.length], [1, 1]);
  assert.equal(ledger.group().syncSets[0]?.version, 2);
  assert.equal(ledger.store.history.length, 1);
  ledger.accept(second);
  assert.deepEqual(
    ledger.group().reigns.map((reign) => [reign.epoch, reign.master, reign.cut]),
    [
      [1, ONE, 0n],
      [2, TWO, 70n],
    ],
  );
  const { reason, from, to, by } = ledger.record('seen-2');
  assert.deepEqual([reason, from, to, by], ['observed', ONE, TWO, 'somebody else']);
});

test('it is refused for a group that pollux steers, out of order, and with members that cannot be', () => {
  reigning().refuse(observe(), 'invalidRequest');
  watched().refuse(second, 'staleEpoch');
  const ledger = watched().accept(observe());
  ledger.refuse({ ...second, epoch: epoch(3) }, 'staleEpoch');
  ledger.refuse({ ...second, epoch: epoch(1) }, 'staleEpoch');
  ledger.refuse({ ...second, recordId: 'orders-adoption' }, 'duplicateName', 'recordId');
  ledger.refuse({ ...second, master: replicaId('nobody') }, 'unknownReplica', 'incarnations.0.replica');
  const twice = [{ replica: TWO, incarnation: incarnation('two') }];
  ledger.refuse({ ...second, members: twice }, 'invalidRequest', 'incarnations.1.replica');
  const store = ledger.group();
  ledger.store.groups.set(ORDERS, { ...store, epoch: epoch(MAX_EPOCH) });
  ledger.refuse({ ...second, epoch: epoch(MAX_EPOCH) }, 'limitReached', 'epoch');
});

test('nothing is committed for a watched group that would have it steered', () => {
  watched().accept(observe()).refuse(fence(2), 'watchOnly');
  watched().refuse(promote(1, 1), 'watchOnly');
  watched().accept(observe()).refuse(changeSyncSet(1, 1), 'watchOnly');
  watched().refuse(fence(2, { reason: 'operatorFailover', unsafe: true }), 'watchOnly');
  const refused = watched().apply(fence(2));
  assert.match(refused.ok ? '' : refused.refusal.message, /`pollux group take orders --cluster main`/);
});
