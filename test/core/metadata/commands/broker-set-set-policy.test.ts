import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupName } from '../../../../src/core/primitives/identifiers.ts';
import { applyId, BROKER_A, elect } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

test('what is named changes and is kept with who changed it; what is not stays', () => {
  const ledger = new Ledger().accept(applyId(1), applyId(2), elect(1, 0));
  const before = ledger.store.brokerSets.get(BROKER_A);
  assert.equal(before?.degraded, true);
  const policy = { type: 'brokerSet.setPolicy', name: BROKER_A, by: 'eve', wallMs: 7 } as const;
  ledger.accept({ ...policy, policy: 'all', onShortage: null, detectionMs: 900 });
  const after = ledger.store.brokerSets.get(BROKER_A);
  assert.deepEqual(after, { ...before, policy: 'all', detectionMs: 900, degraded: false });
  assert.deepEqual(ledger.store.changes.at(-1), {
    scope: { kind: 'group', group: before?.key },
    change: 'groupSet',
    by: 'eve',
    detail: 'policy cross-idc -> all, detectionMs 3000 -> 900',
    wallMs: 7,
  });
  ledger.accept({ ...policy, policy: 'all', onShortage: 'degrade', detectionMs: null });
  assert.equal(ledger.store.changes.length, 1);
  const unknown = { ...policy, name: groupName('nobody'), policy: null, onShortage: null, detectionMs: null };
  ledger.refuse(unknown, 'unknownBrokerSet', 'name');
});
