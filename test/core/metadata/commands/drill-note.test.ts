import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrillMoveState } from '../../../../src/core/metadata/drill-state.ts';
import {
  groupKey,
  groupName,
  lineage,
  replicaId,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import {
  activate,
  addGroup,
  drillBegin,
  drillNote,
  fence,
  MAIN,
  ORDERS,
  promote,
  reigning,
} from '../ledger.ts';

const STOCK = groupKey(MAIN, groupName('stock'));
const ofStock = { group: STOCK, from: replicaId('stock-1'), to: replicaId('stock-3') };
const moving = { expected: { state: 'moving', attempts: 1 } } as const;

/** Two groups with their masters in idc-a. */
const twoGroups = () => {
  const ledger = reigning().accept(addGroup('stock', 9_101));
  const members = [2, 3].map((number) => ({
    replica: replicaId(`stock-${number}`),
    incarnation: promote(1).incarnation,
    caughtUp: true,
  }));
  const stock = { key: STOCK, candidate: replicaId('stock-1'), members, incarnations: [] };
  return ledger.accept(promote(1, 1, stock), { ...activate(1), key: STOCK, lineage: lineage('stock') });
};

test('no more groups than asked are in their move at once, whoever counts', () => {
  const ledger = twoGroups().accept(drillBegin(), drillNote());
  ledger.refuse(drillNote(ofStock), 'busy');
  ledger.accept(drillNote({ ...moving, state: 'waiting', detail: 'it lagged' }), drillNote(ofStock));
  ledger.refuse(drillNote({ expected: { state: 'waiting', attempts: 1 }, attempts: 2 }), 'busy');
});

test('a note of an older row, of another drill or of an end is refused', () => {
  const ledger = reigning().accept(drillBegin());
  ledger.refuse(drillNote({ drillId: 'drill-2' }), 'staleEpoch');
  ledger.refuse(drillNote({ expected: { state: 'waiting', attempts: 1 } }), 'staleEpoch');
  ledger.refuse(drillNote({ group: STOCK }), 'staleEpoch');
  ledger.refuse(drillNote({ attempts: 2 }), 'invalidRequest', 'attempts');
  ledger.refuse(drillNote({ to: replicaId('nobody') }), 'unknownReplica', 'to');
  ledger.accept(drillNote());
  ledger.refuse(drillNote(), 'staleEpoch');
  ledger.accept(drillNote({ ...moving, state: 'moved' }));
  ledger.refuse(drillNote({ expected: { state: 'moved', attempts: 1 }, state: 'failed' }), 'staleEpoch');
});

const ended = (state: DrillMoveState, withMove: boolean) => {
  const ledger = reigning().accept(drillBegin(), drillNote());
  if (withMove) ledger.accept(fence(2), promote(2, 3), activate(2));
  const { store } = ledger.accept(drillNote({ ...moving, state, detail: 'so it ended', wallMs: 120 }));
  const { outcome, troubles, endedWallMs } = store.drills.at(-1) ?? assert.fail('a drill');
  return { outcome, troubles, endedWallMs, idc: store.idcStates.get(siteName('idc-a')) };
};

test('the last end of a group ends the drill; an IDC is drained when no master is left there', () => {
  const troubles = [{ group: ORDERS, detail: 'so it ended' }];
  assert.deepEqual(ended('moved', true), {
    outcome: 'completed',
    troubles: [],
    endedWallMs: 120,
    idc: 'drained',
  });
  assert.deepEqual(ended('failed', false), {
    outcome: 'incomplete',
    troubles,
    endedWallMs: 120,
    idc: 'draining',
  });
  assert.equal(ended('moved', false).outcome, 'incomplete');
});

test('a group that is removed leaves its drill, which may end with it', () => {
  const { store } = reigning().accept(drillBegin(), { type: 'group.remove', key: ORDERS });
  assert.deepEqual([store.drillMoves.size, store.drills.at(-1)?.outcome], [0, 'completed']);
});
