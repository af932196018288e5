/**
 * Queue allocation of a large topic: 10,000 queues on 100 groups in two IDCs, 1,000 members, computed from nothing
 * and again after one member has left. The peer deals each IDC's queues out in turn and knows of no previous owner.
 */
import { groupName, memberId, siteName } from '../../src/core/primitives/identifiers.ts';
import {
  type AllocatableQueue,
  type Allocation,
  type AllocationInput,
  type AllocationMember,
  allocateByIdc,
} from '../../src/core/routing/allocate.ts';
import type { Benchmark, Outcome, Size } from './benchmark.ts';
import { median, percentile, rounded } from './samples.ts';

const GOAL_MS = 20;
const IDCS = [siteName('idc-a'), siteName('idc-b')] as const;

const idcOf = (position: number) => IDCS[position % IDCS.length] ?? IDCS[0];

function queuesOf(groups: number, queuesPerGroup: number): AllocatableQueue[] {
  return Array.from({ length: groups }, (_, position) => position).flatMap((position) =>
    Array.from({ length: queuesPerGroup }, (_, queue) => ({
      group: groupName(`orders-${String(position).padStart(4, '0')}`),
      queue,
      idc: idcOf(position),
    })),
  );
}

const membersOf = (count: number): AllocationMember[] =>
  Array.from({ length: count }, (_, position) => ({
    member: memberId(`consumer-${String(position).padStart(5, '0')}`),
    idc: idcOf(position),
  }));

/** Members and queues of an IDC in the order of their names, dealt out in turn. */
function dealInTurn(queues: readonly AllocatableQueue[], members: readonly AllocationMember[]) {
  const sortedQueues = [...queues].sort((left, right) =>
    left.group < right.group ? -1 : left.group > right.group ? 1 : left.queue - right.queue,
  );
  const sortedMembers = [...members].sort((left, right) => (left.member < right.member ? -1 : 1));
  const dealt = new Map<string, { group: string; queue: number }[]>(
    sortedMembers.map(({ member }) => [member, []]),
  );
  for (const idc of IDCS) {
    const own = sortedMembers.filter((member) => member.idc === idc);
    const local = sortedQueues.filter((queue) => queue.idc === idc);
    const takers = own.length === 0 ? sortedMembers : own;
    local.forEach(({ group, queue }, position) => {
      const taker = takers[position % takers.length];
      if (taker !== undefined) dealt.get(taker.member)?.push({ group, queue });
    });
  }
  return dealt;
}

function timedMs(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

const ownedQueues = (allocation: Allocation): number =>
  allocation.assignments.reduce((total, { queues }) => total + queues.length, 0);

function moved(before: Allocation, after: Allocation): number {
  const owners = new Map<string, string>();
  for (const { member, queues } of before.assignments)
    for (const { group, queue } of queues) owners.set(`${group} ${queue}`, member);
  return after.assignments.reduce(
    (total, { member, queues }) =>
      total + queues.filter(({ group, queue }) => owners.get(`${group} ${queue}`) !== member).length,
    0,
  );
}

const SIZES = {
  full: { groups: 100, queuesPerGroup: 100, members: 1_000, warmups: 10, rounds: 41 },
  tiny: { groups: 4, queuesPerGroup: 4, members: 8, warmups: 0, rounds: 3 },
} as const satisfies Record<Size, unknown>;

async function measure(size: Size): Promise<Outcome> {
  const { groups, queuesPerGroup, members: memberCount, warmups, rounds } = SIZES[size];
  const queues = queuesOf(groups, queuesPerGroup);
  const members = membersOf(memberCount);
  const fromNothing: AllocationInput = { queues, members };
  const previous = allocateByIdc(fromNothing);
  const afterLeaving: AllocationInput = { queues, members: members.slice(1), previous };

  const freshMs: number[] = [];
  const leavingMs: number[] = [];
  const naiveMs: number[] = [];
  for (let round = -warmups; round < rounds; round += 1) {
    const fresh = timedMs(() => allocateByIdc(fromNothing));
    const naive = timedMs(() => dealInTurn(queues, members));
    const leaving = timedMs(() => allocateByIdc(afterLeaving));
    if (round < 0) continue;
    freshMs.push(fresh);
    naiveMs.push(naive);
    leavingMs.push(leaving);
  }
  const figure = median(freshMs);
  const peer = median(naiveMs);
  const after = allocateByIdc(afterLeaving);
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'ms',
    met: figure < GOAL_MS && median(leavingMs) < GOAL_MS,
    goal: `under ${GOAL_MS} ms, from nothing and after a member has left`,
    comparedWith: 'dealing each IDC out in turn, without keeping queues where they are',
    details: {
      queues: queues.length,
      members: members.length,
      rounds,
      p99Ms: rounded(percentile(freshMs, 0.99)),
      oneMemberLeavesMs: rounded(median(leavingMs)),
      oneMemberLeavesP99Ms: rounded(percentile(leavingMs, 0.99)),
      queuesOwned: ownedQueues(after),
      queuesMovedWhenOneLeaves: moved(previous, after),
    },
  };
}

export const allocation: Benchmark = {
  summary: 'allocating 10,000 queues to 1,000 members by IDC',
  measure: (size) => measure(size),
};
