import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTakenBack } from '../../../../src/core/metadata/drill-queries.ts';
import { replicaId, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { drillBegin, drillNote, fence, ORDERS, reigning } from '../ledger.ts';

const abort = { type: 'drill.abort', idc: siteName('idc-a'), by: 'eve', wallMs: 200 } as const;

test('a group that was not begun is not begun, and the IDC is active again', () => {
  const { store } = reigning().accept(drillBegin(), abort);
  assert.equal(store.drillMoves.get(ORDERS)?.state, 'notBegun');
  const { outcome, abort: said, endedWallMs } = store.drills.at(-1) ?? assert.fail('a drill');
  assert.deepEqual([outcome, said, endedWallMs], ['aborted', { by: 'eve', wallMs: 200 }, 200]);
  assert.equal(store.idcStates.size, 0);
});

test('a fenced move is taken back; no further one is begun', () => {
  const ledger = reigning().accept(
    drillBegin(),
    drillNote(),
    fence(2, { reason: 'switchover', preferred: replicaId('orders-3') }),
    abort,
  );
  assert.ok(isTakenBack(ledger.store, ledger.group()));
  const back = { expected: { state: 'moving', attempts: 1 }, attempts: 2 } as const;
  ledger.refuse(drillNote({ ...back, state: 'moving' }), 'busy');
  ledger.accept(abort, drillNote({ ...back, attempts: 1, state: 'takenBack' }));
  assert.equal(ledger.store.drills.at(-1)?.outcome, 'aborted');
});

test('a failed try that was proposed before the abort leaves no row to wait under it', () => {
  const ledger = reigning().accept(drillBegin(), drillNote(), abort);
  const failed = { expected: { state: 'moving', attempts: 1 }, detail: 'it lagged' } as const;
  ledger.refuse(drillNote({ ...failed, state: 'waiting' }), 'busy');
  ledger.accept(drillNote({ ...failed, state: 'takenBack' }));
  assert.equal(ledger.store.drills.at(-1)?.outcome, 'aborted');
});

test('a failover that is none of the drill is left alone', () => {
  const ledger = reigning().accept(drillBegin(), drillNote(), fence(2), abort);
  assert.equal(isTakenBack(ledger.store, ledger.group()), false);
});

test('there is nothing to abort where nothing runs', () => {
  reigning().refuse(abort, 'notRunning', 'idc');
  reigning()
    .accept(drillBegin())
    .refuse({ ...abort, idc: siteName('idc-b') }, 'notRunning', 'idc');
});
