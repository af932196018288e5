import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeStep } from '../../../src/core/failover/change-step.ts';
import { planChange } from '../../../src/core/failover/sync-set-change.ts';
import { epoch, lineage } from '../../../src/core/primitives/identifiers.ts';
import { away, changeInput, detached, following, granted, linked } from './change-fixture.ts';
import { A2, B1, B2, fencing, M, memberOf, processOf, reign, syncSet } from './group-fixture.ts';

const plan = (...of: Parameters<typeof changeInput>): ChangeStep => planChange(changeInput(...of));
const commit = (step: ChangeStep) => {
  assert.ok(step.kind === 'commit', `${step.kind}: ${'detail' in step ? step.detail : ''}`);
  const k = step.rule.kind === 'anyOf' ? step.rule.k : -1;
  return {
    change: step.change,
    members: step.members.map((member) => member.replica),
    k,
    degraded: step.degraded,
  };
};

test('a group as it should be needs nothing', () => {
  assert.deepEqual(plan(), { kind: 'none', detail: 'all is as it should be' });
});

test('nothing is changed without a master that answers as itself', () => {
  assert.equal(
    plan({}, [
      [M, away(M)],
      [A2, away(A2)],
    ]).kind,
    'none',
  );
  const restarted = detached(M, { role: 'master', incarnation: processOf(M, 2) });
  assert.equal(
    plan({}, [
      [M, restarted],
      [A2, away(A2)],
    ]).kind,
    'none',
  );
  assert.equal(
    plan({}, [
      [M, detached(M)],
      [A2, away(A2)],
    ]).kind,
    'none',
    'somebody made it a slave',
  );
  assert.equal(plan({ phase: fencing() }, [[A2, away(A2)]]).kind, 'none');
});

test('a new leader, and every new version, begins with the grant', () => {
  const step = plan({}, [], { granted: null });
  assert.deepEqual(step, {
    kind: 'grant',
    version: 1,
    inbound: [A2, B1, B2],
    timeFence: null,
    detail: 'version 1',
  });
  assert.equal(plan({}, [], granted(0, [A2, B1, B2])).kind, 'grant');
  assert.equal(plan({}, [], granted(1, [A2, B1])).kind, 'grant');
});

test('a member leaves in order: cut off, seen gone, committed', () => {
  const states = [[A2, away(A2)]] as const;
  const cutOff = plan({}, states);
  assert.deepEqual(cutOff, {
    kind: 'grant',
    version: 1,
    inbound: [B1, B2],
    timeFence: null,
    detail: 'cut off a2',
  });
  assert.equal(plan({}, states, granted(1, [B1, B2], 3)).kind, 'grant', 'it is still connected');
  const committed = plan({}, states, granted(1, [B1, B2]));
  assert.deepEqual(commit(committed), { change: 'remove', members: [B1, B2], k: 1, degraded: false });
  assert.ok(committed.kind === 'commit' && committed.members.every((member) => !member.caughtUp));
  assert.ok(committed.kind === 'commit' && committed.expectedVersion === 1);
});

test('one that comes back while it is being removed is let in again', () => {
  const step = plan({}, [], granted(1, [B1, B2]));
  assert.deepEqual(step, {
    kind: 'grant',
    version: 1,
    inbound: [A2, B1, B2],
    timeFence: null,
    detail: 'version 1',
  });
});

test('a short absence removes nobody, a restart does at once', () => {
  assert.equal(plan({}, [[A2, away(A2, 1_299)]]).kind, 'none');
  const step = plan({}, [[A2, linked(A2, { incarnation: processOf(A2, 2) })]]);
  assert.ok(step.kind === 'grant' && step.detail === 'cut off a2');
});

test('block: the last remote member stays, and the operator is told', () => {
  const states = [
    [B1, away(B1)],
    [B2, away(B2)],
  ] as const;
  const step = plan({}, states);
  assert.ok(
    step.kind === 'grant' && step.detail === 'cut off b1',
    'one of the two may go, the other may not',
  );
  const alone = { syncSets: [syncSet([A2, B2], 2, { version: 2 })] };
  const held = plan(alone, [...states]);
  assert.ok(held.kind === 'hold', held.kind);
  assert.match(held.detail, /^b2 away; without, cross-idc cannot be met/);
});

test('block: a member that follows the master in vain is told again, for somebody may have attached it by hand', () => {
  const alone = { syncSets: [syncSet([A2, B2], 2, { version: 2 })] };
  const inVain = detached(B2, { follows: following(M, { linkUp: false }) });
  const again = plan(alone, [
    [B1, away(B1)],
    [B2, inVain],
  ]);
  assert.ok(again.kind === 'hold' && again.reattach?.replica === B2);
  const busy = plan(
    alone,
    [
      [B1, away(B1)],
      [B2, inVain],
    ],
    { notNow: new Set([B2]) },
  );
  assert.ok(busy.kind === 'hold' && busy.reattach === null);
  const unreachable = plan(alone, [
    [B1, away(B1)],
    [B2, away(B2)],
  ]);
  assert.ok(unreachable.kind === 'hold' && unreachable.reattach === null);
});

test('degrade: all who are away leave at once, and the rule steps down', () => {
  const states = [
    [B1, away(B1)],
    [B2, away(B2)],
  ] as const;
  const step = plan({ onShortage: 'degrade' }, states, granted(1, [A2]));
  assert.deepEqual(commit(step), { change: 'remove', members: [A2], k: 1, degraded: true });
});

test('degradation is undone by itself when a member is back', () => {
  const syncSets = [syncSet([A2, B1], 1, { degraded: true })];
  const step = plan({ onShortage: 'degrade', syncSets }, [[B2, away(B2)]]);
  assert.deepEqual(commit(step), { change: 'rule', members: [A2, B1], k: 2, degraded: false });
});

test('a policy that was changed becomes a rule by a commit, the grant follows the new version', () => {
  const raised = plan({ policy: 'all' });
  assert.deepEqual(commit(raised), { change: 'rule', members: [A2, B1, B2], k: 3, degraded: false });
  const lowered = plan({ policy: 'async' });
  assert.equal(commit(lowered).k, 0);
});

test('older rules: members are marked from the producers’ switch on, then the rules are settled', () => {
  const caughtUp = (...ids: (typeof A2)[]) => [
    syncSet([A2, B1, B2], 2),
    { ...syncSet([], 2, { version: 2 }), members: [A2, B1].map((id) => memberOf(id, ids.includes(id))) },
  ];
  const states = [[B2, away(B2)]] as const;
  const behind = [...states, [B1, linked(B1, { offset: 999n })]] as const;
  const progress = granted(2, [A2, B1]);
  assert.deepEqual(plan({ syncSets: caughtUp() }, behind, progress), {
    kind: 'markCaughtUp',
    version: 2,
    replicas: [A2],
  });
  assert.equal(plan({ syncSets: caughtUp(A2) }, behind, progress).kind, 'none', 'k = 2: one is not enough');
  assert.deepEqual(plan({ syncSets: caughtUp(A2, B1) }, states, progress), { kind: 'settle', keepFrom: 2 });
  assert.equal(plan({ syncSets: caughtUp(A2, B1) }, states, granted(1, [A2, B1])).kind, 'grant');
});

test('a new reign marks by its cut, and only who follows it on its lineage', () => {
  const change = {
    epoch: epoch(2),
    master: M,
    reigns: [reign(1, B1, 0n), reign(2, M, 900n)],
    syncSets: [
      syncSet([A2, B1, B2], 2),
      {
        ...syncSet([], 2, { version: 2, epoch: epoch(2) }),
        members: [A2, B2].map((id) => memberOf(id, false)),
      },
    ],
  };
  const master = { ...linked(M, { role: 'master', follows: null, lineage: lineage('L2') }) };
  const on = (id: typeof A2, offset: bigint, name: string) => linked(id, { offset, lineage: lineage(name) });
  const progress = granted(2, [A2, B2]);
  const step = plan(
    change,
    [
      [M, master],
      [A2, on(A2, 901n, 'L2')],
      [B2, on(B2, 950n, 'L1')],
      [B1, away(B1)],
    ],
    progress,
  );
  assert.deepEqual(step, { kind: 'markCaughtUp', version: 2, replicas: [A2] });
  const late = plan(
    change,
    [
      [M, master],
      [A2, on(A2, 899n, 'L2')],
      [B2, on(B2, 800n, 'L2')],
      [B1, away(B1)],
    ],
    progress,
  );
  assert.equal(late.kind, 'none');
});

test('members that follow nobody are attached, one at a time, unless an action is under way on them', () => {
  const states = [
    [A2, { ...detached(A2), awayForMs: 100 }],
    [B1, { ...detached(B1), awayForMs: 100 }],
  ] as const;
  const attach = (id: typeof A2) => ({ kind: 'attach', replica: id, incarnation: processOf(id) });
  assert.deepEqual(plan({}, states), attach(A2));
  assert.deepEqual(plan({}, states, { notNow: new Set([A2]) }), attach(B1));
  const down = linked(A2, { follows: following(M, { linkUp: false }) });
  assert.equal(plan({}, [[A2, { ...down, awayForMs: 100 }]]).kind, 'none', 'it is connecting already');
});

test('changes stop before they could take the room that a promotion needs', () => {
  const syncSets = [1, 2, 3, 4, 5].map((version) => syncSet([A2, B1, B2], 2, { version }));
  const unsettled = syncSets.map((set) => ({
    ...set,
    members: set.members.map((one) => ({ ...one, caughtUp: false })),
  }));
  const step = plan({ policy: 'all', syncSets: unsettled }, [], { ...granted(5, [A2, B1, B2]) });
  assert.equal(step.kind, 'markCaughtUp');
  const lagging = [A2, B1, B2].map((id) => [id, linked(id, { offset: 1n })] as const);
  assert.equal(plan({ policy: 'all', syncSets: unsettled }, lagging, granted(5, [A2, B1, B2])).kind, 'none');
});

test('a member that cannot be removed for want of room is not cut off, so that it may catch up and make room', () => {
  const syncSets = [1, 2, 3, 4, 5].map((version) => syncSet([A2, B1, B2], 2, { version }));
  const full = plan({ syncSets }, [[B2, away(B2)]]);
  assert.notEqual(full.kind, 'grant');
  const step = plan({ syncSets: syncSets.slice(0, 4) }, [[B2, away(B2)]]);
  assert.ok(step.kind === 'grant' && !step.inbound.includes(B2), 'with room it goes');
});

test('without room, a member that follows the master in vain is told again; or nothing would ever settle', () => {
  const members = [memberOf(A2), memberOf(B1), { ...memberOf(B2), caughtUp: false }];
  const syncSets = [1, 2, 3, 4, 5].map((version) => syncSet([], 3, { version, members }));
  const held = plan({ policy: 'all', syncSets }, [[B2, away(B2)]]);
  assert.ok(held.kind === 'hold' && held.reattach === null, held.kind);
  assert.match(held.detail, /^b2 away; the rules in force leave no room/);
  const inVain = detached(B2, { follows: following(M, { linkUp: false }) });
  const again = plan({ policy: 'all', syncSets }, [[B2, inVain]]);
  assert.ok(again.kind === 'hold' && again.reattach?.replica === B2, again.kind);
});

test('rules that nothing was acknowledged under take no room from changes', () => {
  const none = (version: number) => syncSet([], 2, { version });
  const syncSets = [syncSet([A2, B1, B2], 2), none(2), none(3), none(4), none(5)];
  const back = [A2, detached(A2)] as const;
  const change = { policy: 'majority' as const, onShortage: 'block' as const, syncSets };
  const step = plan(change, [back, [B1, away(B1)], [B2, away(B2)]], {
    ...granted(5, []),
    fenced: new Map([[A2, processOf(A2)]]),
  });
  assert.ok(step.kind === 'commit' && step.change === 'add');
});

test('a group that is blocked takes members in as long as there is any room at all', () => {
  const rules = [1, 2, 3, 4, 5, 6, 7].map((version) => syncSet([A2, B1, B2], 2, { version }));
  const back = [A2, detached(A2)] as const;
  const stepWith = (count: number) => {
    const syncSets = [...rules.slice(0, count), syncSet([], 2, { version: count + 1 })];
    const change = { policy: 'majority' as const, onShortage: 'block' as const, syncSets };
    const progress = { ...granted(count + 1, []), fenced: new Map([[A2, processOf(A2)]]) };
    return plan(change, [back, [B1, away(B1)], [B2, away(B2)]], progress).kind;
  };
  assert.deepEqual([stepWith(5), stepWith(7)], ['commit', 'commit']);
});

test('piled-up rules settle although a member of the last set rebooted: else nothing could be changed any more', () => {
  const syncSets = [1, 2, 3, 4].map((version) => syncSet([A2, B1, B2], 2, { version }));
  const last = {
    ...syncSet([], 2, { version: 5 }),
    members: [memberOf(A2), memberOf(B1, false)],
  };
  const rebooted = [B1, detached(B1, { incarnation: processOf(B1, 2) })] as const;
  const change = { onShortage: 'block' as const, syncSets: [...syncSets, last] };
  const step = plan(change, [rebooted, [B2, away(B2)]], granted(5, [A2, B1]));
  assert.deepEqual(step, { kind: 'settle', keepFrom: 5 });
});

test('a member that was let in a moment ago is given its time, however long ago it was last seen linked', () => {
  const fresh = granted(1, [A2, B1, B2], 3, 59_000);
  assert.equal(plan({}, [[A2, away(A2)]], fresh).kind, 'none');
  assert.equal(plan({}, [[A2, away(A2)]], granted(1, [A2, B1, B2], 3, 58_000)).kind, 'grant');
});

test('a full resync is interrupted only where the others can then acknowledge', () => {
  const syncing = (id: typeof A2) =>
    [id, { ...detached(id, { follows: following(M, { linkUp: false, syncing: true }) }) }] as const;
  assert.equal(plan({}, [syncing(A2)]).kind, 'none', 'b1 and b2 are enough');
  const pair = { syncSets: [syncSet([A2, B1], 2)] };
  const freed = plan(pair, [syncing(A2), [B2, away(B2)]]);
  assert.ok(freed.kind === 'grant' && freed.detail === 'cut off a2', 'b1 alone meets cross-idc');
  const both = plan({ ...pair, policy: 'any-one' as const }, [syncing(A2), syncing(B1), [B2, away(B2)]]);
  assert.ok(both.kind !== 'grant', 'nobody could acknowledge instead');
});

test('a member that catches up after the older rules were settled is marked too: readers are told of it', () => {
  const change = {
    syncSets: [{ ...syncSet([], 2), members: [memberOf(A2, true), memberOf(B1, false), memberOf(B2, true)] }],
  };
  assert.deepEqual(plan(change), { kind: 'markCaughtUp', version: 1, replicas: [B1] });
  assert.equal(plan(change, [[B1, away(B1)]]).kind === 'markCaughtUp', false);
});
