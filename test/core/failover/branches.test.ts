import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchesOf } from '../../../src/core/failover/branches.ts';
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import type { GivenUpPromotion } from '../../../src/core/metadata/state.ts';
import { epoch, lineage, type ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, givenUp, M, memberOf, processOf, read, reign } from './group-fixture.ts';

const told = (given: readonly GivenUpPromotion[], ...reads: readonly ServerRead[]) =>
  Object.fromEntries(branchesOf({ reigns: [reign(1, M, 0n)], givenUp: given }, reads));
const on = (id: ReplicaId, name: string, from: string | null = 'L1', secondOffset = 951n, life = 1) =>
  read(id, 990n, {
    lineage: lineage(name),
    secondLineage: from === null ? null : lineage(from),
    secondOffset,
    incarnation: processOf(id, life),
  });

test('the candidate, the same process, names the lineage that its promotion began', () => {
  const given = [givenUp(2, B1, 950n)];
  assert.deepEqual(told(given, on(B1, 'X')), { X: 2 });
  assert.deepEqual(told(given, on(B1, 'X', 'L1', 950n)), { X: 2 });
  assert.deepEqual(told(given, on(B1, 'X', 'L1', 951n, 2)), {}, 'another process');
  assert.deepEqual(told(given, on(A2, 'X')), {}, 'nobody let it in');
  assert.deepEqual(told(given, on(B1, 'L1', null)), {}, 'it was never told');
});

test('a candidate without a backlog forgets where its lineage came from, and is believed where it was read', () => {
  const forgetful = (id: ReplicaId, offset: bigint, life = 1) => {
    const one = on(id, 'X', null, 0n, life);
    return { ...one, report: { ...one.report, offset } };
  };
  const given = [givenUp(2, B1, 950n, { members: [memberOf(A2)] })];
  assert.deepEqual(told(given, forgetful(B1, 950n)), { X: 2 });
  assert.deepEqual(told(given, forgetful(B1, 951n)), {}, 'it may be a full resync from somewhere');
  assert.deepEqual(told(given, forgetful(B1, 949n)), {});
  assert.deepEqual(told(given, forgetful(B1, 950n, 2)), {}, 'another process');
  assert.deepEqual(
    told(given, forgetful(A2, 950n)),
    {},
    'a member gets its stream from a master with a backlog',
  );
});

test('a member names it, too; one that was let in later, or came from elsewhere, does not', () => {
  const first = givenUp(2, B1, 950n, { members: [memberOf(A2), memberOf(B2)] });
  assert.deepEqual(told([first], on(A2, 'X', 'L1', 900n)), { X: 2 });
  const later = givenUp(3, B2, 950n, { members: [memberOf(A2)] });
  assert.deepEqual(told([first, later], on(A2, 'Y'), on(B1, 'X')), { X: 2, Y: 3 });
  assert.deepEqual(told([first], on(A2, 'X', 'L1', 960n)), {}, 'it shares more than the candidate had');
  assert.deepEqual(told([first], on(A2, 'X', 'L0')), {});
  assert.deepEqual(told([first], on(A2, 'X', null, -1n)), {}, 'a full resync from somewhere');
});

test('a candidate that was chosen again on its branch names the next one', () => {
  const given = [
    givenUp(2, B1, 950n, { lineage: lineage('X') }),
    givenUp(3, B1, 970n, { cutLineage: lineage('X'), cutEpoch: epoch(2) }),
  ];
  assert.deepEqual(told(given, on(B1, 'X')), { X: 2 }, 'the second order never came');
  assert.deepEqual(told(given, on(B1, 'Y', 'X', 971n)), { X: 2, Y: 3 });
});

test('what was on record when a candidate was chosen is no branch of that one', () => {
  const given = [givenUp(2, B1, 950n), givenUp(3, B2, 970n, { cutLineage: lineage('W'), cutEpoch: null })];
  assert.deepEqual(told(given, on(B1, 'W')), {});
});

test('what contradicts itself is believed of nobody', () => {
  const given = [givenUp(2, B1, 950n, { members: [memberOf(A2)] }), givenUp(3, B2, 950n)];
  assert.deepEqual(told(given, on(B1, 'X'), on(A2, 'Y')), {});
  assert.deepEqual(told(given, on(B1, 'X'), on(B2, 'X')), {});
  assert.deepEqual(told(given, on(B1, 'X'), on(A2, 'X'), on(B2, 'Z')), { X: 2, Z: 3 });
  const recorded = [givenUp(2, B1, 950n, { lineage: lineage('X') })];
  assert.deepEqual(told(recorded, on(B1, 'Y')), { X: 2 });
});
