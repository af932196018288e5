import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import { planReign } from '../../../src/core/failover/new-reign.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, fencing, group, M, memberOf, processOf, read } from './group-fixture.ts';

const plan = (reads: ServerRead[], change: Partial<BrokerGroup> = {}) => {
  const of = group({ ...change, phase: fencing() });
  const choice = chooseCandidate({ group: of, reads, collectionOver: true });
  assert.ok(choice.kind === 'promote');
  return planReign(of, choice, reads);
};

test('who was read joins; who stands at the cut is caught up', () => {
  const made = plan([read(B1, 100n), read(B2, 120n), read(A2, 120n)], { master: M });
  assert.deepEqual(made.members, [memberOf(B1, false), memberOf(B2, true)]);
  assert.deepEqual(
    made.rule,
    { kind: 'anyOf', k: 1 },
    'the new master stands in idc-a, both members in idc-b',
  );
  assert.deepEqual(made.incarnations, [
    { replica: A2, incarnation: processOf(A2) },
    { replica: B1, incarnation: processOf(B1) },
    { replica: B2, incarnation: processOf(B2) },
  ]);
});

test('no second IDC is left: block keeps a rule that nothing satisfies, degrade steps down', () => {
  const reads = [read(B1, 100n), read(B2, 120n)];
  const blocked = plan(reads, { onShortage: 'block' });
  assert.deepEqual([blocked.rule, blocked.degraded, blocked.short], [{ kind: 'anyOf', k: 2 }, false, true]);
  const degraded = plan(reads, { onShortage: 'degrade' });
  assert.deepEqual([degraded.rule, degraded.degraded], [{ kind: 'anyOf', k: 1 }, true]);
});

test('another lineage, a tail beyond the cut, or a load under way keeps a server out', () => {
  const reads: ServerRead[] = [
    read(B1, 120n),
    read(B2, 110n),
    read(M, 130n, { incarnation: processOf(M, 2) }),
    { ...read(A2, 100n), wasSyncing: true },
  ];
  assert.deepEqual(plan(reads).members, [memberOf(B2, false)]);
  const other = read(A2, 50n, { lineage: lineage('X'), secondLineage: lineage('L1'), secondOffset: 51n });
  assert.deepEqual(plan([read(B1, 120n), read(B2, 110n), other]).members, [memberOf(B2, false)]);
});

test('after a switchover the old master is a member at once', () => {
  const phase = fencing({ reason: 'switchover', preferred: B1 });
  const of = group({ phase });
  const reads = [read(M, 100n), read(B1, 100n), read(A2, 100n)];
  const choice = chooseCandidate({ group: of, reads, collectionOver: true });
  assert.ok(choice.kind === 'promote' && choice.candidate === B1);
  assert.deepEqual(planReign(of, choice, reads).members, [memberOf(M), memberOf(A2)]);
});
