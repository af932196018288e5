import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  epoch,
  incarnation,
  lineage,
  MAX_EPOCH,
  replicaId,
} from '../../../../src/core/primitives/identifiers.ts';
import { addGroup, bootstrap, type CommandOf, Ledger, ORDERS, reigning } from '../ledger.ts';

const watched = () =>
  new Ledger().accept(bootstrap, addGroup('orders', 7_101, { watchOnly: true }), {
    type: 'group.observe',
    key: ORDERS,
    epoch: epoch(1),
    master: replicaId('orders-1'),
    incarnation: incarnation('one'),
    lineage: lineage('first'),
    cut: 0n,
    members: [],
    rule: { kind: 'anyOf', k: 0 },
    degraded: true,
    recordId: 'seen-1',
    detail: 'seen',
    wallMs: 20,
  });

const take = (change: Partial<CommandOf<'group.take'>> = {}): CommandOf<'group.take'> => ({
  type: 'group.take',
  key: ORDERS,
  preferredMaster: replicaId('orders-1'),
  recordId: 'taken',
  by: 'eve',
  wallMs: 30,
  ...change,
});

test('the group is as one that was just declared, above the epochs that it was seen in', () => {
  const ledger = watched().accept(take());
  const declared = new Ledger().accept(bootstrap, addGroup()).group();
  assert.deepEqual(ledger.group(), {
    ...declared,
    phase: {
      kind: 'fencing',
      epoch: 2,
      reason: 'adoption',
      recordId: 'taken',
      preferred: 'orders-1',
      unsafe: false,
    },
  });
  const { reason, outcome, epoch: at, by } = ledger.record('taken');
  assert.deepEqual([reason, outcome, at, by], ['adoption', 'running', 2, 'eve']);
});

test('one that was never seen to have a master is taken, too, and its first record is over', () => {
  const ledger = new Ledger().accept(bootstrap, addGroup('orders', 7_101, { watchOnly: true }));
  ledger.accept(take({ preferredMaster: null }));
  assert.equal(ledger.record('orders-adoption').outcome, 'superseded');
  assert.equal(ledger.group().phase.kind, 'fencing');
});

test('what pollux steers already cannot be taken, nor a group or by a master that is not there', () => {
  reigning().refuse(take(), 'invalidRequest', 'key');
  new Ledger().accept(bootstrap).refuse(take(), 'unknownGroup', 'key');
  const ledger = watched();
  ledger.refuse(take({ preferredMaster: replicaId('nobody') }), 'unknownReplica', 'preferredMaster');
  ledger.refuse(take({ recordId: 'orders-adoption' }), 'duplicateName', 'recordId');
  ledger.store.groups.set(ORDERS, { ...ledger.group(), epoch: epoch(MAX_EPOCH) });
  ledger.refuse(take(), 'limitReached', 'key');
});
