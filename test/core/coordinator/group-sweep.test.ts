import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupSweep } from '../../../src/core/coordinator/group-sweep.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import { type GroupKey, parseGroupKey } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { group } from '../failover/group-fixture.ts';

const groupsOf = (count: number): Map<GroupKey, BrokerGroup> =>
  new Map(
    Array.from({ length: count }, (_, number) => {
      const key = parseGroupKey(`default/g${number}`);
      return [key, group({ key })] as const;
    }),
  );

test('few groups are all looked at each time', () => {
  const sweep = new GroupSweep();
  const groups = groupsOf(3);
  for (let round = 0; round < 3; round += 1) assert.equal(sweep.next(groups).length + 0, 3);
});

test('of many groups a bounded number has its turn, and each has one before any has two', () => {
  const sweep = new GroupSweep();
  const count = LIMITS.groupsPerSweep * 2 + 5;
  const groups = groupsOf(count);
  const seen: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const turn = sweep.next(groups);
    assert.ok(turn.length <= LIMITS.groupsPerSweep);
    seen.push(...turn.map(({ key }) => key));
  }
  assert.equal(seen.length, count);
  assert.equal(new Set(seen).size, count);
});

test('no groups, groups that went, and a state that was replaced', () => {
  const sweep = new GroupSweep();
  const groups = groupsOf(2);
  assert.deepEqual(sweep.next(new Map()), []);
  sweep.next(groups);
  groups.delete(parseGroupKey('default/g0'));
  assert.deepEqual(
    [...sweep.next(groups), ...sweep.next(groups)].map(({ key }) => String(key)),
    ['default/g1', 'default/g1'],
  );
  assert.equal(sweep.next(groupsOf(3)).length, 3);
});

test('a turn may be smaller than it might be', () => {
  const sweep = new GroupSweep();
  const groups = groupsOf(5);
  const turns = [2, 2, 2, 2].map((atOnce) => sweep.next(groups, atOnce).map(({ key }) => key));
  assert.deepEqual(
    turns.map((turn) => turn.length),
    [2, 2, 1, 2],
  );
  assert.equal(new Set(turns.slice(0, 3).flat()).size, 5);
});
