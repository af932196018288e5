import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupKey, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import {
  activate,
  addGroup,
  declared,
  drillBegin,
  drillNote,
  fence,
  MAIN,
  ORDERS,
  promote,
  reigning,
} from '../ledger.ts';

const IDC_A = siteName('idc-a');
const IDC_B = siteName('idc-b');

test('an evacuation concerns the groups whose master stands there, and the IDC drains', () => {
  const { store } = reigning().accept(addGroup('stock', 9_101), drillBegin());
  assert.deepEqual(
    [...store.drillMoves.values()].map(({ group, state, from, attempts }) => [group, state, from, attempts]),
    [[ORDERS, 'waiting', 'orders-1', 0]],
  );
  assert.equal(store.idcStates.get(IDC_A), 'draining');
  assert.equal(store.drills.at(-1)?.outcome, 'running');
});

test('an IDC without a master is drained at once', () => {
  const { store } = reigning().accept(drillBegin({ idc: IDC_B }));
  assert.deepEqual([store.drills.at(-1)?.outcome, store.idcStates.get(IDC_B)], ['completed', 'drained']);
});

test('one drill at a time, and one IDC is always left', () => {
  const ledger = reigning().accept(drillBegin());
  ledger.refuse(drillBegin({ drillId: 'drill-2' }), 'busy');
  const other = reigning().accept(drillBegin({ idc: IDC_B }));
  other.refuse(drillBegin({ drillId: 'drill-2' }), 'noActiveIdc', 'idc');
  other.refuse(drillBegin({ kind: 'return', idc: IDC_A }), 'duplicateName', 'drillId');
});

test('what is not there is refused', () => {
  reigning().refuse(drillBegin({ idc: siteName('witness') }), 'unknownSite', 'idc');
  reigning().refuse(drillBegin({ idc: siteName('idc-z') }), 'unknownSite', 'idc');
  const unknown = groupKey(MAIN, groupName('none'));
  reigning().refuse(drillBegin({ groups: [ORDERS, unknown] }), 'unknownGroup', 'groups.1');
});

test('a return opens the IDC, and brings back what was taken out of it and what prefers it', () => {
  const ledger = reigning().accept(
    drillBegin(),
    drillNote(),
    fence(2),
    promote(2, 3),
    activate(2),
    drillNote({ expected: { state: 'moving', attempts: 1 }, state: 'moved' }),
  );
  assert.deepEqual([...ledger.store.evacuatedFrom], [[ORDERS, IDC_A]]);
  assert.equal(ledger.store.idcStates.get(IDC_A), 'drained');
  ledger.accept(drillBegin({ drillId: 'drill-2', kind: 'return' }));
  assert.deepEqual([...ledger.store.drillMoves.keys()], [ORDERS]);
  assert.equal(ledger.store.idcStates.has(IDC_A), false);
});

test('a return without groups only opens the IDC', () => {
  const ledger = reigning().accept(drillBegin({ idc: IDC_B }));
  ledger.accept(drillBegin({ drillId: 'drill-2', kind: 'return', idc: IDC_B, groups: [] }));
  assert.deepEqual([ledger.store.drills.at(-1)?.outcome, ledger.store.idcStates.size], ['completed', 0]);
});

test('a group that is named is returned whatever its rule says, unless it stands there', () => {
  const named = { kind: 'return', groups: [ORDERS] } as const;
  const away = reigning().accept(drillBegin({ ...named, idc: IDC_B }));
  assert.deepEqual([...away.store.drillMoves.keys()], [ORDERS]);
  const home = reigning().accept(drillBegin({ ...named, idc: IDC_A }));
  assert.equal(home.store.drillMoves.size, 0);
  const without = declared().accept(drillBegin({ ...named, idc: IDC_B }));
  assert.equal(without.store.drillMoves.size, 0);
});

test('a return concerns no group that is only watched, unless it is named', () => {
  const ledger = reigning();
  ledger.store.groups.set(ORDERS, { ...ledger.group(), watchOnly: true });
  const rule = { preferredIdc: IDC_B, returnAfterMs: null };
  ledger.accept({ type: 'return.setRule', scope: { kind: 'all' }, rule, by: 'eve', wallMs: 1 });
  ledger.accept(drillBegin({ kind: 'return', idc: IDC_B }));
  assert.equal(ledger.store.drillMoves.size, 0);
  ledger.accept(drillBegin({ drillId: 'drill-2', kind: 'return', idc: IDC_B, groups: [ORDERS] }));
  assert.deepEqual([...ledger.store.drillMoves.keys()], [ORDERS]);
});
