/**
 * Allocation of a topic's queues to the members of a consumer group, by IDC: each IDC's queues go evenly to that
 * IDC's members; the queues of an IDC without members form one pool that is dealt out evenly over all members,
 * continuing where the IDCs before stopped: who got one queue more at home comes last in the deal.
 *
 * Invariants: a queue has at most one owner; it has one as soon as there is a member; within an IDC, and within
 * the pool, two members differ by at most one queue; the result does not depend on the order of the input; and
 * of all allocations that satisfy this, it is one that takes the fewest queues away from a previous owner.
 */
import { assert, must } from '../primitives/assert.ts';
import type { GroupName, MemberId, SiteName } from '../primitives/identifiers.ts';

export type QueueRef = { readonly group: GroupName; readonly queue: number };

/** `idc`: where the group's master stands; null counts as an IDC without members. */
export type AllocatableQueue = QueueRef & { readonly idc: SiteName | null };

/** `idc` null: the member does not know where it stands and takes part in the pool only. */
export type AllocationMember = { readonly member: MemberId; readonly idc: SiteName | null };

export type Allocation = {
  /** Every member once, sorted by IDC and name; queues sorted by group and number. */
  readonly assignments: readonly { readonly member: MemberId; readonly queues: readonly QueueRef[] }[];
  /** Queues that nobody owns: all of them when there is no member, else none. */
  readonly unowned: readonly QueueRef[];
};

export type AllocationInput = {
  readonly queues: readonly AllocatableQueue[];
  readonly members: readonly AllocationMember[];
  /** What is in force now; its queues stay where they are as far as evenness permits. */
  readonly previous?: Allocation;
};

/** Bookkeeping of one member while IDCs and pool are dealt out; the counts are those of the deal under way. */
type Seat = {
  readonly member: MemberId;
  readonly idc: SiteName | null;
  readonly cards: Card[];
  /** It got one queue more than others of its IDC. */
  favoured: boolean;
  ownedBefore: number;
  target: number;
};

/** A queue with its place in the order by group and number, and the seat that owned it before. */
type Card = {
  readonly ref: QueueRef;
  readonly rank: number;
  readonly idc: SiteName | null;
  readonly previousOwner: Seat | undefined;
};

/**
 * Takes time proportional to queues plus members, beside sorting. A queue or a member that is named twice counts
 * once, with the first of its IDCs in sorted order.
 */
export function allocateByIdc(input: AllocationInput): Allocation {
  const seats = sortedSeats(input.members);
  const cards = sortedCards(input.queues, previousOwners(input.previous, seats));
  if (seats.length === 0) return { assignments: [], unowned: cards.map((card) => card.ref) };

  const seatsByIdc = new Map<SiteName, Seat[]>();
  for (const seat of seats) if (seat.idc !== null) pushTo(seatsByIdc, seat.idc, seat);
  const cardsByIdc = new Map<SiteName | null, Card[]>();
  for (const card of cards) pushTo(cardsByIdc, card.idc, card);

  const pool: Card[] = [];
  for (const [idc, own] of [...cardsByIdc].sort(([left], [right]) => compareIdcs(left, right))) {
    const local = idc === null ? undefined : seatsByIdc.get(idc);
    if (local === undefined) for (const card of own) pool.push(card);
    else for (const seat of dealEvenly(own, local)) seat.favoured = true;
  }
  dealEvenly(pool, [...seats.filter((seat) => !seat.favoured), ...seats.filter((seat) => seat.favoured)]);
  return {
    assignments: seats.map(({ member, cards: own }) => ({
      member,
      queues: own.sort(byRank).map((card) => card.ref),
    })),
    unowned: [],
  };
}

/**
 * Deals cards out over seats, in the order given, each seat keeping what it owned before up to its share. The odd
 * cards go first to seats that would otherwise have to give one away. Returns the seats with an odd card.
 */
function dealEvenly(cards: readonly Card[], seats: readonly Seat[]): readonly Seat[] {
  const share = Math.floor(cards.length / seats.length);
  for (const seat of seats) {
    seat.ownedBefore = 0;
    seat.target = share;
  }
  for (const { previousOwner } of cards) if (previousOwner !== undefined) previousOwner.ownedBefore += 1;
  const givers = seats.filter((seat) => seat.ownedBefore > share);
  const others = seats.filter((seat) => seat.ownedBefore <= share);
  const favoured = [...givers, ...others].slice(0, cards.length % seats.length);
  for (const seat of favoured) seat.target += 1;

  const dealt = new Set(seats);
  const free: Card[] = [];
  for (const card of cards) {
    const owner = card.previousOwner;
    if (owner !== undefined && dealt.has(owner) && owner.target > 0) {
      owner.target -= 1;
      owner.cards.push(card);
    } else {
      free.push(card);
    }
  }
  dealRoundRobin(free, seats);
  return favoured;
}

/** One card to each seat in turn, so that the queues of one group are spread; a seat that has its share drops out. */
function dealRoundRobin(cards: readonly Card[], seats: readonly Seat[]): void {
  let turn = seats.filter((seat) => seat.target > 0);
  let next = 0;
  while (turn.length > 0) {
    for (const seat of turn) {
      const card = must(cards[next], 'shares add up to the cards that are dealt');
      next += 1;
      seat.target -= 1;
      seat.cards.push(card);
    }
    turn = turn.filter((seat) => seat.target > 0);
  }
  assert(next === cards.length, 'every card is dealt');
}

type OwnersByGroup = ReadonlyMap<GroupName, ReadonlyMap<number, Seat>>;

/** By group and number. Sorting each group's numbers apart spares comparing names a hundred thousand times. */
function sortedCards(queues: readonly AllocatableQueue[], owners: OwnersByGroup): readonly Card[] {
  const groups = new Map<GroupName, AllocatableQueue[]>();
  for (const queue of queues) pushTo(groups, queue.group, queue);
  const cards: Card[] = [];
  for (const [group, members] of [...groups].sort(([left], [right]) => compareText(left, right))) {
    const ownersOfGroup = owners.get(group);
    let last = -1;
    for (const { queue, idc } of members.sort(byNumberAndIdc)) {
      if (queue === last) continue;
      last = queue;
      cards.push({
        ref: { group, queue },
        rank: cards.length,
        idc,
        previousOwner: ownersOfGroup?.get(queue),
      });
    }
  }
  return cards;
}

function sortedSeats(members: readonly AllocationMember[]): readonly Seat[] {
  const sorted = [...members].sort(
    (left, right) => compareIdcs(left.idc, right.idc) || compareText(left.member, right.member),
  );
  const seats = new Map<MemberId, Seat>();
  for (const { member, idc } of sorted) {
    if (seats.has(member)) continue;
    seats.set(member, { member, idc, cards: [], favoured: false, ownedBefore: 0, target: 0 });
  }
  return [...seats.values()];
}

function previousOwners(previous: Allocation | undefined, seats: readonly Seat[]): OwnersByGroup {
  const seatOf = new Map(seats.map((seat) => [seat.member, seat]));
  const owners = new Map<GroupName, Map<number, Seat>>();
  for (const { member, queues } of previous?.assignments ?? []) {
    const seat = seatOf.get(member);
    if (seat === undefined) continue;
    for (const { group, queue } of queues) {
      const numbers = owners.get(group);
      if (numbers === undefined) owners.set(group, new Map([[queue, seat]]));
      else numbers.set(queue, seat);
    }
  }
  return owners;
}

function pushTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** An unknown IDC comes last. */
function compareIdcs(left: SiteName | null, right: SiteName | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return compareText(left, right);
}

const byNumberAndIdc = (left: AllocatableQueue, right: AllocatableQueue): number =>
  left.queue - right.queue || compareIdcs(left.idc, right.idc);

const byRank = (left: Card, right: Card): number => left.rank - right.rank;
