import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextToBegin } from '../../../src/core/drills/drill-order.ts';
import { NO_MOVES } from '../../../src/core/metadata/drill-changes.ts';
import type { Drill, DrillMove, DrillMoveState } from '../../../src/core/metadata/drill-state.ts';
import { epoch, groupKey, groupName, siteName } from '../../../src/core/primitives/identifiers.ts';
import { group, M } from '../failover/group-fixture.ts';

const STATES: readonly DrillMoveState[] = ['waiting', 'moving', 'moved', 'failed'];

const row = (number: number, state: DrillMoveState): DrillMove => ({
  group: groupKey(group().cluster, groupName(`group-${number}`)),
  state,
  from: M,
  to: null,
  attempts: 0,
  epoch: epoch(1),
  detail: '',
  changedWallMs: 0,
});

function drillOf(moves: readonly DrillMove[], change: Partial<Drill> = {}): Drill {
  const counts = { ...NO_MOVES };
  for (const { state } of moves) counts[state] += 1;
  return {
    id: 'drill-1',
    kind: 'evacuation',
    idc: siteName('idc-a'),
    by: 'operator',
    parallel: 2,
    resyncs: 1,
    healthyMs: 0,
    startedWallMs: 0,
    changedWallMs: 0,
    abort: null,
    outcome: 'running',
    endedWallMs: null,
    counts,
    troubles: [],
    ...change,
  };
}

test('never more than the limit are in their move or on the way into it, and no room is left unused', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ state: fc.constantFrom(...STATES), pending: fc.boolean(), heldUp: fc.boolean() })),
      fc.integer({ min: 1, max: 4 }),
      (drawn, parallel) => {
        const moves = drawn.map(({ state }, number) => row(number, state));
        const isWaiting = (number: number): boolean => drawn[number]?.state === 'waiting';
        const pending = new Set(
          moves.filter((_, number) => isWaiting(number) && drawn[number]?.pending).map((move) => move.group),
        );
        const heldUp = new Set(moves.filter((_, number) => drawn[number]?.heldUp).map((move) => move.group));
        const chosen = nextToBegin({
          drill: drillOf(moves, { parallel }),
          moves,
          pending,
          syncing: 0,
          isHeldUp: (move) => heldUp.has(move.group),
        });
        const under = moves.filter(({ state }) => state === 'moving').length + pending.size;
        const fit = moves.filter(
          (move) => move.state === 'waiting' && !pending.has(move.group) && !heldUp.has(move.group),
        );
        assert.deepEqual(chosen, fit.slice(0, Math.max(0, parallel - under)));
      },
    ),
  );
});

test('nothing is begun while full resyncs are under way, after an abort, or when it is over', () => {
  const moves = [row(1, 'waiting')];
  const next = (change: Partial<Drill>, syncing = 0) =>
    nextToBegin({ drill: drillOf(moves, change), moves, pending: new Set(), syncing, isHeldUp: () => false });
  assert.equal(next({}).length, 1);
  assert.equal(next({}, 1).length, 0);
  assert.equal(next({ resyncs: 2 }, 1).length, 1);
  assert.equal(next({ abort: { by: 'eve', wallMs: 1 } }).length, 0);
  assert.equal(next({ outcome: 'aborted' }).length, 0);
});
