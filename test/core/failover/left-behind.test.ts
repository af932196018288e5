import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import { type CountedRead, coverageOf, type ServerRead } from '../../../src/core/failover/coverage.ts';
import { leavesNothing } from '../../../src/core/failover/left-behind.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import { epoch, lineage, type ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, fencing, givenUp, group, M, memberOf, read, reign, syncSet } from './group-fixture.ts';

const on = (id: ReplicaId, name: string, offset: bigint, secondOffset: bigint): ServerRead =>
  read(id, offset, { lineage: lineage(name), secondLineage: lineage('L1'), secondOffset: secondOffset + 1n });

/** B1 was made a master at 200, and M at 600 from what it had written meanwhile; M let B2 in, which lacks some of that. */
const twice: Partial<BrokerGroup> = {
  reigns: [reign(1, M, 0n)],
  floor: 0n,
  syncSets: [
    syncSet([A2, B1, B2], 2),
    syncSet([B2], 2, { version: 2, epoch: epoch(2) }),
    syncSet([B2], 1, { version: 3, epoch: epoch(3) }),
  ],
  givenUp: [
    givenUp(2, B1, 200n, { members: [memberOf(B2)] }),
    givenUp(3, M, 600n, { members: [memberOf(B2)] }),
  ],
};

const judged = (change: Partial<BrokerGroup>, ...reads: readonly ServerRead[]) => {
  const coverage = coverageOf(group({ ...twice, ...change }), reads);
  const countedOf = (id: ReplicaId): CountedRead => {
    const found = coverage.counted.find(({ replica }) => replica === id);
    assert.ok(found, `${id} counts`);
    return found;
  };
  return (id: ReplicaId): boolean => leavesNothing(countedOf(id), coverage);
};

test('a better place on a branch is no proof against a member of a later promotion that went on elsewhere', () => {
  const [branch, member] = [on(B1, 'X', 700n, 200n), on(B2, 'Y', 400n, 100n)];
  const leaves = judged({}, branch, member);
  assert.equal(leaves(B1), false, 'B2 may have acknowledged 201 to 400 to M');
  assert.equal(leaves(B2), true, 'M was proven to hold all that B1 could have had acknowledged');
  const choice = chooseCandidate({
    group: group({ ...twice, phase: fencing({ epoch: epoch(4), reason: 'promotionFailed' }) }),
    reads: [branch, member],
    collectionOver: true,
  });
  assert.equal(choice.kind === 'promote' && choice.candidate, B2);
});

test('who holds all of the other leaves nothing, on a branch or off it', () => {
  const leaves = judged({}, on(M, 'Y', 900n, 600n), on(B2, 'Y', 400n, 100n), read(A2, 500n));
  assert.deepEqual([leaves(M), leaves(B2), leaves(A2)], [true, false, false]);
});

test('a promotion says nothing of what its own rule had acknowledged', () => {
  const leaves = judged({}, read(A2, 600n), on(M, 'Y', 900n, 600n));
  assert.equal(leaves(A2), false, '601 to 900 may have been acknowledged to M');
});

test('who holds all that a later promotion began with speaks for all rules before it', () => {
  const given = [
    givenUp(2, B1, 200n, { members: [memberOf(B2)] }),
    givenUp(3, B2, 600n),
    givenUp(4, M, 600n),
  ];
  const leaves = judged({ givenUp: given }, on(B1, 'X', 700n, 200n), read(A2, 600n));
  assert.equal(leaves(B1), false, 'A2 holds what was acknowledged under the rule of epoch 3');
  assert.equal(leaves(A2), true);
});

test('what a promotion began with is no argument where it is not known', () => {
  const given = [givenUp(2, B1, 200n, { members: [memberOf(B2)] }), givenUp(3, M, 600n, { cutEpoch: null })];
  assert.equal(judged({ givenUp: given }, on(B1, 'X', 700n, 200n), read(A2, 300n))(B1), true);
  const unknown = [givenUp(2, B1, 200n, { cutEpoch: null, members: [memberOf(B2)] })];
  assert.equal(judged({ givenUp: unknown }, on(B1, 'X', 700n, 200n), read(A2, 300n))(B1), false);
});
