/**
 * Who would read which queue of a RocketMQ topic, before a policy is switched on. A consumer shares out the queues of its
 * own route among the consumers that it hears of from one broker of that route, chosen at random; and it registers with
 * the brokers of its route only. So consumers of one group whose routes differ count on different colleagues: a queue
 * may have no reader, or two. Each consumer chooses its broker by itself, so what one does says nothing of another, and
 * what can happen to a queue follows from who reads it always and who reads it sometimes.
 */
import type { TopicNear } from '../metadata/broker-set-state.ts';
import { EVERY_TOPIC } from '../metadata/broker-set-state.ts';
import type { MetadataState } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { GroupName, SiteName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { type StockQueue, type StockStrategy, stockShareOf } from './stock-strategies.ts';
import { routeOfTopic, type TopicRoute } from './topic-route.ts';

/** Bit of RocketMQ's permission. */
const READ = 4;

export type PlannedConsumer = {
  readonly clientId: string;
  readonly idc: SiteName | null;
  readonly zoneMode: boolean;
};

export type AllocationPlanInput = {
  readonly topic: string;
  /** Every client id once. */
  readonly consumers: readonly PlannedConsumer[];
  /** It may depend on the consumer: MACHINE_ROOM is configured with the rooms that each one reads. */
  readonly strategyOf: (consumer: PlannedConsumer) => StockStrategy;
  /** Null: the rule in force. */
  readonly near: TopicNear | null;
};

export type PlannedShare = {
  readonly asked: readonly GroupName[];
  readonly members: readonly string[];
  readonly queues: readonly StockQueue[];
};

export type ConsumerPlan = PlannedConsumer & {
  readonly route: readonly GroupName[];
  readonly fellBack: boolean;
  readonly refusal: string | null;
  /** One for each set of colleagues that it may hear of. */
  readonly shares: readonly PlannedShare[];
};

export type AllocationPlan = {
  readonly near: TopicNear;
  readonly queues: readonly StockQueue[];
  readonly consumers: readonly ConsumerPlan[];
  /** `always`: whichever broker anybody asks. */
  readonly orphans: readonly (StockQueue & { readonly always: boolean })[];
  readonly doubleOwned: readonly (StockQueue & {
    readonly always: boolean;
    readonly owners: readonly string[];
  })[];
};

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const ruleOfTopic = (state: MetadataState, topic: string): TopicNear =>
  state.topicNears.get(topic) ?? state.topicNears.get(EVERY_TOPIC) ?? 'client';

/** Refused with unknownTopic, with invalidRequest for a static topic, and with limitReached. */
export function planAllocation(state: MetadataState, input: AllocationPlanInput): Result<AllocationPlan> {
  const { topic } = input;
  const near = input.near ?? ruleOfTopic(state, topic);
  const planned: MetadataState = { ...state, topicNears: new Map([[topic, near]]) };
  const whole = routeOfTopic(planned, topic, { site: null, zone: null, zoneMode: false });
  if (!whole.ok) return whole;
  if (whole.value.staticQueues.length > 0) {
    return refused('invalidRequest', `Topic ${topic} is static: its logical queues are not planned for.`, {
      field: 'topic',
    });
  }
  const count = whole.value.queues.reduce((sum, place) => sum + readableOf(place), 0);
  if (count > LIMITS.queuesPerAllocationPlan) {
    return refused(
      'limitReached',
      `A plan is made for at most ${LIMITS.queuesPerAllocationPlan} queues; ${topic} has ${count}.`,
      { field: 'topic' },
    );
  }
  const queues = queuesOf(whole.value);
  const seats = seatsOf(planned, input);
  const membersOf = membersBySet(seats);
  const consumers = seats.map((seat) => planOf(seat, membersOf, input));
  return accepted({ near, queues, consumers, ...judge(queues, consumers) });
}

type Queues = TopicRoute['queues'][number];

const readableOf = ({ permission, readQueues }: Queues): number =>
  (permission & READ) === 0 ? 0 : readQueues;

/** What a consumer makes of its route, sorted as it sorts it. */
function queuesOf(route: TopicRoute): readonly StockQueue[] {
  return [...route.queues]
    .sort((one, other) => compareText(one.name, other.name))
    .flatMap((place) =>
      Array.from({ length: readableOf(place) }, (_, queue) => ({ set: place.name, queue })),
    );
}

type Seat = {
  readonly consumer: PlannedConsumer;
  readonly route: readonly GroupName[];
  readonly queues: readonly StockQueue[];
  readonly fellBack: boolean;
  readonly refusal: string | null;
};

/** Consumers that look alike to us get the same route; it is made once for all of them. */
function seatsOf(state: MetadataState, { topic, consumers }: AllocationPlanInput): readonly Seat[] {
  const known = new Map<string, Omit<Seat, 'consumer'>>();
  return consumers.map((consumer) => {
    const { idc, zoneMode } = consumer;
    const key = `${zoneMode} ${idc ?? ''}`;
    const seen = known.get(key) ?? viewOf(routeOfTopic(state, topic, { site: idc, zone: idc, zoneMode }));
    known.set(key, seen);
    return { consumer, ...seen };
  });
}

function viewOf(route: Result<TopicRoute>): Omit<Seat, 'consumer'> {
  if (!route.ok) return { route: [], queues: [], fellBack: false, refusal: route.refusal.message };
  const { sets, fellBack } = route.value;
  return { route: sets.map(({ name }) => name), queues: queuesOf(route.value), fellBack, refusal: null };
}

/** Which consumers each broker set knows of, sorted as consumers sort them. */
function membersBySet(seats: readonly Seat[]): ReadonlyMap<GroupName, readonly string[]> {
  const members = new Map<GroupName, string[]>();
  for (const { consumer, route } of seats) {
    for (const set of route) {
      const others = members.get(set);
      if (others === undefined) members.set(set, [consumer.clientId]);
      else others.push(consumer.clientId);
    }
  }
  for (const ids of members.values()) ids.sort(compareText);
  return members;
}

function planOf(
  { consumer, route, queues, fellBack, refusal }: Seat,
  membersOf: ReadonlyMap<GroupName, readonly string[]>,
  { strategyOf }: AllocationPlanInput,
): ConsumerPlan {
  const byMembers = new Map<string, { asked: GroupName[]; members: readonly string[] }>();
  for (const set of route) {
    const members = must(membersOf.get(set), 'a consumer registers with every broker set of its route');
    const key = members.join('\n');
    const alike = byMembers.get(key);
    if (alike === undefined) byMembers.set(key, { asked: [set], members });
    else alike.asked.push(set);
  }
  const strategy = strategyOf(consumer);
  const shares = [...byMembers.values()].map(({ asked, members }) => ({
    asked,
    members,
    queues: stockShareOf(strategy, consumer.clientId, queues, members),
  }));
  return { ...consumer, route, fellBack, refusal, shares };
}

const keyOf = ({ set, queue }: StockQueue): string => `${set}/${queue}`;

type Owners = { always: number; readonly sometimes: string[] };

function judge(
  queues: readonly StockQueue[],
  consumers: readonly ConsumerPlan[],
): Pick<AllocationPlan, 'orphans' | 'doubleOwned'> {
  const ownersOf = new Map<string, Owners>(
    queues.map((queue) => [keyOf(queue), { always: 0, sometimes: [] }]),
  );
  for (const { clientId, shares } of consumers) {
    const times = new Map<string, number>();
    for (const share of shares)
      for (const queue of share.queues) times.set(keyOf(queue), (times.get(keyOf(queue)) ?? 0) + 1);
    for (const [key, count] of times) {
      const owners = must(ownersOf.get(key), 'every route is a part of the whole');
      owners.sometimes.push(clientId);
      if (count === shares.length) owners.always += 1;
    }
  }
  const withOwners = queues.map((queue) => ({
    queue,
    owners: must(ownersOf.get(keyOf(queue)), 'counted above'),
  }));
  return {
    orphans: withOwners
      .filter(({ owners }) => owners.always === 0)
      .map(({ queue, owners }) => ({ ...queue, always: owners.sometimes.length === 0 })),
    doubleOwned: withOwners
      .filter(({ owners }) => owners.sometimes.length > 1)
      .map(({ queue, owners }) => ({ ...queue, always: owners.always > 1, owners: owners.sometimes })),
  };
}
