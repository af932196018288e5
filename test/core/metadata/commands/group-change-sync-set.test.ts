import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incarnation, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { activate, changeSyncSet, declared, fence, member, promote, reigning, set } from '../ledger.ts';

test('a changed sync set joins the rules in force', () => {
  const ledger = reigning().accept(changeSyncSet(1, 1));
  const sets = ledger.group().syncSets;
  assert.deepEqual(
    sets.map((set) => [set.version, set.epoch, set.degraded, set.members.map(({ replica }) => replica)]),
    [
      [1, 1, false, ['orders-2', 'orders-3']],
      [2, 1, true, ['orders-2']],
    ],
  );
  assert.equal(ledger.record('orders-adoption').steps.at(-1)?.detail, 'version 2: orders-3 left');
});

test('a change is told in the record of its own reign', () => {
  const ledger = reigning().accept(fence(2), promote(2, 1), activate(2), changeSyncSet(2, 2));
  assert.equal(ledger.record('move-2').steps.at(-1)?.step, 'syncSet');
  assert.equal(ledger.record('orders-adoption').steps.at(-1)?.step, 'active');
});

test('it belongs to the active reign and follows the last version', () => {
  reigning().refuse(changeSyncSet(2, 1), 'staleEpoch');
  reigning().refuse(changeSyncSet(1, 0), 'staleEpoch');
  reigning().refuse(changeSyncSet(1, 2), 'staleEpoch');
  reigning().accept(fence(2)).refuse(changeSyncSet(1, 1), 'notActive');
  reigning().accept(fence(2), promote(2, 2)).refuse(changeSyncSet(1, 2), 'notActive');
  declared().refuse(changeSyncSet(1, 0), 'staleEpoch');
});

test('a step down that was on its way when an operator took that back is not made', () => {
  const block = set({ onShortage: 'block' });
  const ledger = reigning().accept(block);
  ledger.refuse(changeSyncSet(1, 1, { degraded: true }), 'staleEpoch');
  ledger.accept(changeSyncSet(1, 1, { degraded: false }));
});

test('a returned replica joins as its new process; the master stays the process that it is', () => {
  const back = { replica: replicaId('orders-3'), incarnation: incarnation('run-3b') };
  const members = [member(2), { ...back, caughtUp: false }];
  const ledger = reigning().accept(changeSyncSet(1, 1, { members, incarnations: [back] }));
  assert.equal(ledger.group().replicas[2]?.incarnation, 'run-3b');
  const usurper = { replica: replicaId('orders-1'), incarnation: incarnation('run-1b') };
  ledger.refuse(changeSyncSet(1, 2, { incarnations: [usurper] }), 'invalidRequest', 'incarnations');
  ledger.refuse(changeSyncSet(1, 2, { members: [member(1)] }), 'invalidRequest', 'members.0.replica');
  ledger.refuse(changeSyncSet(1, 2, { members: [member(3)] }), 'invalidRequest', 'members.0.incarnation');
});

test('a rule that asks for more than it has was never acknowledged under, and goes when another one follows', () => {
  const none = { members: [], rule: { kind: 'anyOf', k: 1 } } as const;
  const ledger = reigning().accept(changeSyncSet(1, 1, none));
  const versions = (): number[] => ledger.group().syncSets.map((set) => set.version);
  assert.deepEqual(versions(), [1, 2], 'the newest says that nothing is acknowledged');
  ledger.accept(changeSyncSet(1, 2, none), changeSyncSet(1, 3));
  assert.deepEqual(versions(), [1, 4]);
});

test('rules in force are limited, and so are the steps that changes leave on the record', () => {
  const ledger = reigning();
  for (let version = 1; version < LIMITS.rulesInForce; version += 1) ledger.accept(changeSyncSet(1, version));
  ledger.refuse(changeSyncSet(1, LIMITS.rulesInForce), 'limitReached');
  const addStep = {
    type: 'history.addStep',
    recordId: 'orders-adoption',
    step: 's',
    detail: '',
    measuredLossBytes: null,
    wallMs: 1,
  } as const;
  while (ledger.record('orders-adoption').steps.length < LIMITS.stepsPerRecord) ledger.accept(addStep);
  const { epoch, key } = ledger.group();
  ledger.accept({ type: 'group.settleRules', key, epoch, keepFrom: LIMITS.rulesInForce });
  ledger.accept(changeSyncSet(1, LIMITS.rulesInForce));
  assert.equal(ledger.record('orders-adoption').steps.length, LIMITS.stepsPerRecord);
});
