import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCommand } from '../../../../src/core/metadata/command-codec.ts';
import { groupKey, groupName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { MAIN, ORDERS, reigning, set } from '../ledger.ts';

test('a policy is a wish: the rule in force stays until a sync set is committed', () => {
  const ledger = reigning();
  const { syncSets } = ledger.group();
  ledger.accept(set({ policy: 'cross-idc', onShortage: 'block' }));
  const group = ledger.group();
  assert.deepEqual([group.policy, group.onShortage], ['cross-idc', 'block']);
  assert.deepEqual(group.syncSets, syncSets);
  const unknown = groupKey(MAIN, groupName('stock'));
  ledger.refuse(set({ key: unknown, policy: 'all' }), 'unknownGroup', 'key');
});

test('what is not named stays as it is', () => {
  const ledger = reigning();
  const before = ledger.group();
  ledger.accept(set({ detectionMs: 800 }));
  assert.deepEqual(ledger.group(), { ...before, detectionMs: 800 });
  ledger.accept(set({ timeFenceSeconds: 0 }));
  assert.deepEqual(ledger.group(), { ...before, detectionMs: 800, timeFenceSeconds: 0 });
  ledger.accept(set({ timeFenceSeconds: before.timeFenceSeconds }));
  ledger.accept(set({ cooldownMs: 0 }));
  assert.deepEqual(ledger.group(), { ...before, detectionMs: 800, cooldownMs: 0 });
});

test('every change is kept, with who made it and from what to what', () => {
  const ledger = reigning().accept(set({ policy: 'all', detectionMs: 800 }));
  const { policy } = reigning().group();
  assert.deepEqual(ledger.store.changes, [
    {
      scope: { kind: 'group', group: ORDERS },
      change: 'groupSet',
      by: 'eve',
      detail: `policy ${policy} -> all, detectionMs 1000 -> 800`,
      wallMs: 70,
    },
  ]);
});

test('times are bounded before anything is proposed', () => {
  for (const wrong of [
    { detectionMs: LIMITS.shortestDetectionMs - 1 },
    { detectionMs: LIMITS.longestDetectionMs + 1 },
    { cooldownMs: -1 },
    { cooldownMs: LIMITS.longestCooldownMs + 1 },
  ])
    assert.equal(checkCommand(set(wrong)).ok, false, JSON.stringify(wrong));
  assert.ok(checkCommand(set({ detectionMs: LIMITS.shortestDetectionMs, cooldownMs: 0 })).ok);
});
