import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeStep } from '../../../src/core/failover/change-step.ts';
import { CATCH_UP_LAG_BYTES } from '../../../src/core/failover/returning.ts';
import { planChange } from '../../../src/core/failover/sync-set-change.ts';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { away, changeInput, detached, following, granted, MASTER_OFFSET, NOW_MS } from './change-fixture.ts';
import { A2, B1, B2, M, memberOf, processOf, syncSet } from './group-fixture.ts';

const plan = (...of: Parameters<typeof changeInput>): ChangeStep => planChange(changeInput(...of));
const fenced = (id: typeof A2, life = 1) => ({ fenced: new Map([[id, processOf(id, life)]]) });
/** b1 alone is a member, a2 comes back restarted, b2 is gone for good. */
const returning = { syncSets: [syncSet([B1], 1)] };
const back = (change: Parameters<typeof detached>[1] = {}) =>
  detached(A2, { incarnation: processOf(A2, 2), ...change });
const gone = [B2, away(B2)] as const;

test('a server that comes back is fenced and read first', () => {
  assert.deepEqual(plan(returning, [[A2, back()], gone]), { kind: 'fence', replica: A2 });
  assert.deepEqual(plan(returning, [[A2, back({ role: 'master', follows: null })], gone], fenced(A2, 2)), {
    kind: 'fence',
    replica: A2,
  });
  assert.equal(
    plan(returning, [[A2, back()], gone], fenced(A2, 1)).kind,
    'fence',
    'the process before it was fenced',
  );
});

test('then it catches up below a member, never at the master', () => {
  const step = plan(returning, [[A2, back()], gone], fenced(A2, 2));
  assert.deepEqual(step, {
    kind: 'chain',
    replica: A2,
    incarnation: processOf(A2, 2),
    below: B1,
    inbound: [A2],
  });
});

test('a member of its own site is preferred, and others that catch up there keep their user', () => {
  const change = { syncSets: [syncSet([A2, B1], 2)] };
  const states = [[B2, detached(B2)]] as const;
  const step = plan(change, states, fenced(B2));
  assert.ok(step.kind === 'chain' && step.below === B1);
  const two = { syncSets: [syncSet([B1], 1)] };
  const other = detached(B2, { follows: following(B1, { linkUp: true, syncing: true }) });
  const joined = plan(
    two,
    [
      [A2, back()],
      [B2, other],
    ],
    fenced(A2, 2),
  );
  assert.ok(joined.kind === 'chain' && joined.below === B1);
  assert.deepEqual(joined.inbound, [A2, B2]);
});

test('while it catches up nothing is asked of it; a new leader does not start it over', () => {
  const syncing = back({ follows: following(B1, { syncing: true }) });
  assert.equal(plan(returning, [[A2, syncing], gone]).kind, 'none');
  const far = back({ follows: following(B1), offset: MASTER_OFFSET - CATCH_UP_LAG_BYTES - 1n });
  assert.equal(plan(returning, [[A2, far], gone]).kind, 'none');
  const otherLineage = back({ follows: following(B1), lineage: lineage('X') });
  assert.equal(plan(returning, [[A2, otherLineage], gone]).kind, 'none');
});

test('one that follows a member in vain, because another was let in there meanwhile, is let in again', () => {
  const change = { syncSets: [syncSet([B1], 1)] };
  const shutOut = { follows: following(B1, { linkUp: false }) };
  const states = [[A2, back(shutOut)], gone] as const;
  const step = plan(change, states, { ...fenced(A2, 2), chained: new Map([[B1, [B2]]]) });
  assert.ok(step.kind === 'chain' && step.below === B1);
  assert.deepEqual(step.inbound, [A2]);
  const letIn = { ...fenced(A2, 2), chained: new Map([[B1, [A2]]]) };
  assert.equal(plan(change, states, letIn).kind, 'none', 'its link will come up');
});

test('caught up it is committed as this process with the k that then holds, and attached only after the grant', () => {
  const ready = [[A2, back({ follows: following(B1) })], gone] as const;
  const step = plan(returning, ready);
  assert.ok(step.kind === 'commit');
  assert.deepEqual(step.members, [memberOf(B1, false), memberOf(A2, false, 2)]);
  assert.deepEqual(step.rule, { kind: 'anyOf', k: 2 });
  assert.deepEqual(step.incarnations, [{ replica: A2, incarnation: processOf(A2, 2) }]);
  const members = [memberOf(B1, false), memberOf(A2, false, 2)];
  const committed = { syncSets: [syncSet([B1], 1), syncSet([], 2, { version: 2, members })] };
  assert.equal(plan(committed, ready, granted(1, [B1])).kind, 'grant');
  const justNow = granted(2, [B1, A2], 1, NOW_MS - 10);
  const marked = plan(committed, ready, justNow);
  assert.deepEqual(marked, { kind: 'markCaughtUp', version: 2, replicas: [B1] });
  const first = syncSet([], 2, { version: 2, members: [memberOf(B1, true), memberOf(A2, false, 2)] });
  const attached = plan({ syncSets: [syncSet([B1], 1), first] }, ready, justNow);
  assert.deepEqual(attached, { kind: 'attach', replica: A2, incarnation: processOf(A2, 2) });
});

test('where nobody waits it attaches to the master, which lets it in first', () => {
  const change = { policy: 'async' as const, syncSets: [syncSet([B1], 0)] };
  const states = [[A2, back()], gone] as const;
  const letIn = plan(change, states, fenced(A2, 2));
  assert.deepEqual(letIn, {
    kind: 'grant',
    version: 1,
    inbound: [B1, A2],
    timeFence: null,
    detail: 'version 1',
  });
  const progress = { ...fenced(A2, 2), ...granted(1, [B1, A2]) };
  assert.equal(plan(change, states, progress).kind, 'attach');
  const caughtUp = plan(change, [[A2, back({ follows: following(M) })], gone], progress);
  assert.ok(caughtUp.kind === 'commit' && caughtUp.members.length === 2);
  const both = [
    [A2, back({ follows: following(M) })],
    [B2, detached(B2, { follows: following(M) })],
  ] as const;
  const together = plan(change, both, granted(1, [B1, A2, B2]));
  assert.ok(
    together.kind === 'commit' && together.members.length === 3,
    'the grant that follows would cut off b2',
  );
});

test('before writes begin to wait for slaves, whoever is no member is cut off the master', () => {
  const change = { policy: 'any-one' as const, syncSets: [syncSet([B1], 0)] };
  const states = [[A2, back({ follows: following(M) })], gone] as const;
  const cutOff = plan(change, states, { ...fenced(A2, 2), ...granted(1, [B1, A2]) });
  assert.deepEqual(cutOff, {
    kind: 'grant',
    version: 1,
    inbound: [B1],
    timeFence: null,
    detail: 'version 1',
  });
  const raised = plan(change, states, { ...fenced(A2, 2), ...granted(1, [B1]) });
  assert.ok(raised.kind === 'commit' && raised.change === 'rule');
  assert.deepEqual(raised.rule, { kind: 'anyOf', k: 1 });
});

test('where nobody waits, one that follows the master in vain is told again after a while', () => {
  const change = { policy: 'async' as const, syncSets: [syncSet([B1], 0)] };
  const inVain = back({ follows: following(M, { linkUp: false }) });
  const step = (awayForMs: number) =>
    plan(change, [[A2, { ...inVain, awayForMs }], gone], {
      ...fenced(A2, 2),
      ...granted(1, [B1, A2]),
    });
  assert.deepEqual(step(5_000), { kind: 'attach', replica: A2, incarnation: processOf(A2, 2) });
  assert.equal(step(100).kind, 'none');
});

test('no member is left to catch up below: writes are blocked, so it is committed first', () => {
  const change = { syncSets: [syncSet([], 1)] };
  const states = [
    [A2, back()],
    [B1, away(B1)],
    [B2, away(B2)],
  ] as const;
  const step = plan({ ...change, policy: 'any-one' }, states, fenced(A2, 2));
  assert.ok(step.kind === 'commit' && step.change === 'add');
  assert.deepEqual(step.rule, { kind: 'anyOf', k: 1 });
});

test('block: a member that was restarted and may not be removed is replaced by its new process', () => {
  const change = { syncSets: [syncSet([A2, B1], 2)] };
  const fresh = detached(B1, { incarnation: processOf(B1, 2) });
  const states = [[B1, fresh], gone] as const;
  assert.deepEqual(plan(change, states), { kind: 'fence', replica: B1 });
  const chained = plan(change, states, fenced(B1, 2));
  assert.ok(chained.kind === 'chain' && chained.below === A2);
  const ready = detached(B1, { incarnation: processOf(B1, 2), follows: following(A2) });
  const step = plan(change, [[B1, ready], gone]);
  assert.ok(step.kind === 'commit');
  assert.deepEqual(step.members, [memberOf(A2, false), memberOf(B1, false, 2)]);
});

test('a server that is loading, unreachable, or being steered is left alone', () => {
  assert.equal(plan(returning, [[A2, back({ loading: true })], gone]).kind, 'none');
  assert.equal(plan(returning, [[A2, away(A2)], gone]).kind, 'none');
  assert.equal(plan(returning, [[A2, back()], gone], { notNow: new Set([A2]) }).kind, 'none');
  assert.equal(
    plan(returning, [[A2, back()], gone], { ...fenced(A2, 2), notNow: new Set([B1]) }).kind,
    'none',
  );
});
