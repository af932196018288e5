import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupName, memberId, siteName, topicName } from '../../../src/core/primitives/identifiers.ts';
import {
  type AllocatableQueue,
  type Allocation,
  type AllocationMember,
  allocateByIdc,
} from '../../../src/core/routing/allocate.ts';
import { queuesToAllocate } from '../../../src/core/routing/topic-queues.ts';
import { fewestMoves } from './fewest-moves-oracle.ts';
import { activeGroup, IDC_A, IDC_B, stateOf, topicOver } from './state-fixture.ts';

const queuesOf = (group: string, idc: string | null, count: number): readonly AllocatableQueue[] =>
  Array.from({ length: count }, (_, queue) => ({
    group: groupName(group),
    queue,
    idc: idc === null ? null : siteName(idc),
  }));

const membersOf = (idc: string | null, ...names: readonly string[]): readonly AllocationMember[] =>
  names.map((name) => ({ member: memberId(name), idc: idc === null ? null : siteName(idc) }));

const shown = (allocation: Allocation): Readonly<Record<string, string>> =>
  Object.fromEntries(
    allocation.assignments.map(({ member, queues }) => [
      member,
      queues.map(({ group, queue }) => `${group}${queue}`).join(' '),
    ]),
  );

const textOf = ({ group, queue }: { group: string; queue: number }): string => `${group}/${queue}`;

const ownersOf = (allocation: Allocation): ReadonlyMap<string, string> =>
  new Map(
    allocation.assignments.flatMap(({ member, queues }) => queues.map((queue) => [textOf(queue), member])),
  );

const movesBetween = (before: Allocation, after: Allocation): number => {
  const owners = ownersOf(after);
  return [...ownersOf(before)].filter(([queue, owner]) => owners.has(queue) && owners.get(queue) !== owner)
    .length;
};

test('each IDC shares its queues out among its own members', () => {
  const allocation = allocateByIdc({
    queues: [...queuesOf('a', 'idc-a', 5), ...queuesOf('b', 'idc-b', 2)],
    members: [...membersOf('idc-a', 'a1', 'a2'), ...membersOf('idc-b', 'b1')],
  });
  assert.deepEqual(shown(allocation), { a1: 'a0 a2 a4', a2: 'a1 a3', b1: 'b0 b1' });
});

test('the queues of an IDC without members go on where the IDCs before stopped', () => {
  const allocation = allocateByIdc({
    queues: [...queuesOf('a', 'idc-a', 4), ...queuesOf('b', 'idc-b', 4), ...queuesOf('c', 'idc-c', 1)],
    members: membersOf('idc-a', 'a1', 'a2', 'a3'),
  });
  // idc-a: a1 has one more. idc-b starts at a2 and ends at a2, so idc-c goes on at a3.
  assert.deepEqual(shown(allocation), { a1: 'a0 a3 b2', a2: 'a1 b0 b3', a3: 'a2 b1 c0' });
});

test('a member in an IDC without queues, or in none, takes part in the pool only', () => {
  const allocation = allocateByIdc({
    queues: [...queuesOf('a', 'idc-a', 2), ...queuesOf('n', null, 3)],
    members: [...membersOf('idc-a', 'a1'), ...membersOf('idc-c', 'c1'), ...membersOf(null, 'x')],
  });
  assert.deepEqual(shown(allocation), { a1: 'a0 a1 n0', c1: 'n1', x: 'n2' });
});

test('without members nobody owns anything', () => {
  const allocation = allocateByIdc({
    queues: [...queuesOf('b', 'idc-a', 1), ...queuesOf('a', 'idc-b', 1)],
    members: [],
  });
  assert.deepEqual(allocation, {
    assignments: [],
    unowned: [
      { group: 'a', queue: 0 },
      { group: 'b', queue: 0 },
    ],
  });
});

test('what is named twice counts once', () => {
  const allocation = allocateByIdc({
    queues: [...queuesOf('a', 'idc-b', 2), ...queuesOf('a', 'idc-a', 2)],
    members: [...membersOf('idc-b', 'm'), ...membersOf('idc-a', 'm', 'n')],
  });
  assert.deepEqual(shown(allocation), { m: 'a0', n: 'a1' });
});

test('a join takes its share and nothing else moves; a leave hands out only what was left', () => {
  const queues = queuesOf('a', 'idc-a', 8);
  const two = allocateByIdc({ queues, members: membersOf('idc-a', 'm1', 'm2') });
  const three = allocateByIdc({ queues, members: membersOf('idc-a', 'm0', 'm1', 'm2'), previous: two });
  assert.deepEqual(shown(three), { m0: 'a6 a7', m1: 'a0 a2 a4', m2: 'a1 a3 a5' });
  const left = allocateByIdc({ queues, members: membersOf('idc-a', 'm0', 'm2'), previous: three });
  assert.deepEqual(shown(left), { m0: 'a0 a4 a6 a7', m2: 'a1 a2 a3 a5' });
});

test('a queue whose group failed over to another IDC goes to the members there', () => {
  const members = [...membersOf('idc-a', 'a1'), ...membersOf('idc-b', 'b1')];
  const before = allocateByIdc({ queues: queuesOf('g', 'idc-a', 3), members });
  const after = allocateByIdc({ queues: queuesOf('g', 'idc-b', 3), members, previous: before });
  assert.deepEqual(shown(before), { a1: 'g0 g1 g2', b1: '' });
  assert.deepEqual(shown(after), { a1: '', b1: 'g0 g1 g2' });
});

test('the queues of a topic are its read queues, in the IDC of each group', () => {
  const groups = [activeGroup('a', IDC_A), activeGroup('b', IDC_B)];
  const [first, second] = groups.map((group) => group.key);
  assert.ok(first && second);
  const queues = [
    { group: first, readQueues: 2, writeQueues: 0 },
    { group: second, readQueues: 1, writeQueues: 9 },
  ];
  const topic = topicOver(groups, { name: topicName('t'), queues });
  assert.deepEqual(queuesToAllocate(stateOf(groups, [topic]), topic), [
    { group: 'a', queue: 0, idc: 'idc-a' },
    { group: 'a', queue: 1, idc: 'idc-a' },
    { group: 'b', queue: 0, idc: 'idc-b' },
  ]);
  assert.deepEqual(queuesToAllocate(stateOf(groups, [topic]), { ...topic, permission: 'write' }), []);
});

const IDCS = ['idc-a', 'idc-b', 'idc-c', null];
const anyIdc = fc.constantFrom(...IDCS);
const anyQueues = (groups: number, queues: number): fc.Arbitrary<readonly AllocatableQueue[]> =>
  fc
    .array(fc.record({ idc: anyIdc, count: fc.integer({ min: 0, max: queues }) }), { maxLength: groups })
    .map((specs) => specs.flatMap(({ idc, count }, position) => queuesOf(`g${position}`, idc, count)));
const anyMembers = (count: number): fc.Arbitrary<readonly AllocationMember[]> =>
  fc
    .uniqueArray(fc.record({ member: fc.integer({ min: 0, max: 3 * count }), idc: anyIdc }), {
      maxLength: count,
      selector: ({ member }) => member,
    })
    .map((specs) => specs.flatMap(({ member, idc }) => membersOf(idc, `m${member}`)));

/** Pools by name: an IDC with members is its own, all others are `pool`. */
function poolsOf(
  queues: readonly AllocatableQueue[],
  members: readonly AllocationMember[],
): ReadonlyMap<string, { queues: string[]; seats: string[] }> {
  const pools = new Map<string, { queues: string[]; seats: string[] }>();
  for (const queue of queues) {
    const local = members.filter(({ idc }) => idc !== null && idc === queue.idc);
    const name = local.length > 0 ? `${queue.idc}` : 'pool';
    const pool = pools.get(name) ?? {
      queues: [],
      seats: (local.length > 0 ? local : members).map(({ member }) => member),
    };
    pool.queues.push(textOf(queue));
    pools.set(name, pool);
  }
  return pools;
}

test('every queue has exactly one owner, in its IDC if that has members, and no member has two more than another', () => {
  fc.assert(
    fc.property(anyQueues(6, 9), anyMembers(8), anyMembers(8), (queues, before, members) => {
      const previous = allocateByIdc({ queues, members: before });
      const allocation = allocateByIdc({ queues, members, previous });
      const listed = allocation.assignments.flatMap((assignment) => assignment.queues.map(textOf));
      assert.equal(new Set(listed).size, listed.length, 'two owners');
      if (members.length === 0) {
        assert.deepEqual(listed, []);
        assert.deepEqual(allocation.unowned.map(textOf).sort(), queues.map(textOf).sort());
        return;
      }
      assert.deepEqual(allocation.unowned, []);
      assert.deepEqual([...listed].sort(), queues.map(textOf).sort());
      const owners = ownersOf(allocation);
      for (const { queues: own, seats } of poolsOf(queues, members).values()) {
        const counts = seats.map((seat) => own.filter((queue) => owners.get(queue) === seat).length);
        assert.equal(
          counts.reduce((sum, count) => sum + count, 0),
          own.length,
          'owned outside of the IDC',
        );
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `uneven: ${counts.join(' ')}`);
      }
    }),
  );
});

test('the order of the input does not matter', () => {
  fc.assert(
    fc.property(
      anyQueues(4, 6),
      anyMembers(5),
      anyMembers(5),
      fc.infiniteStream(fc.nat()),
      (queues, before, members, numbers) => {
        const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
          items
            .map((item) => ({ item, key: numbers.next().value }))
            .sort((left, right) => left.key - right.key)
            .map(({ item }) => item);
        const previous = allocateByIdc({ queues, members: before });
        const mixed: Allocation = {
          assignments: shuffled(previous.assignments).map(({ member, queues: own }) => ({
            member,
            queues: shuffled(own),
          })),
          unowned: shuffled(previous.unowned),
        };
        assert.deepEqual(
          allocateByIdc({ queues: shuffled(queues), members: shuffled(members), previous: mixed }),
          allocateByIdc({ queues, members, previous }),
        );
      },
    ),
  );
});

test('nothing moves while nothing changes', () => {
  fc.assert(
    fc.property(anyQueues(6, 9), anyMembers(8), anyMembers(8), (queues, before, members) => {
      const previous = allocateByIdc({
        queues,
        members,
        previous: allocateByIdc({ queues, members: before }),
      });
      assert.deepEqual(allocateByIdc({ queues, members, previous }), previous);
    }),
  );
});

test('no even allocation would move fewer queues: found by trying them all', () => {
  fc.assert(
    fc.property(anyQueues(3, 2), anyMembers(3), anyMembers(3), (queues, before, members) => {
      fc.pre(members.length > 0);
      const previous = allocateByIdc({ queues, members: before });
      const after = allocateByIdc({ queues, members, previous });
      const owners = ownersOf(previous);
      const fewest = [...poolsOf(queues, members).values()].reduce(
        (sum, { queues: own, seats }) =>
          sum +
          fewestMoves(
            own.map((queue) => owners.get(queue)),
            seats,
          ),
        0,
      );
      assert.equal(movesBetween(previous, after), fewest);
    }),
    { numRuns: 300 },
  );
});

test('ten thousand queues among a thousand members stay far from quadratic', () => {
  const queues = Array.from({ length: 10 }, (_, group) =>
    queuesOf(`g${group}`, `idc-${'abc'[group % 3]}`, 1_000),
  ).flat();
  const members = Array.from({ length: 1_000 }, (_, member) =>
    membersOf(`idc-${'ab'[member % 2]}`, `m${member}`),
  ).flat();
  let previous = allocateByIdc({ queues, members });
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round += 1) {
    const startMs = performance.now();
    const next = allocateByIdc({ queues, members: round % 2 === 0 ? members.slice(1) : members, previous });
    bestMs = Math.min(bestMs, performance.now() - startMs);
    previous = next;
  }
  // The best of many rounds: a busy machine slows some of them, never all.
  assert.ok(bestMs < 20, `took ${bestMs.toFixed(1)} ms`);
});
