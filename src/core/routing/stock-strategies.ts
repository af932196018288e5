/**
 * How RocketMQ's Java clients share out the queues of a topic. Each consumer computes its own part, from the queues of its
 * own route and the consumers that one broker told it of, both sorted; nobody compares. So these functions answer for one
 * consumer, and keep every quirk of the originals: what is predicted here is what the clients do.
 */
import { assert } from '../primitives/assert.ts';
import type { GroupName } from '../primitives/identifiers.ts';

export type StockQueue = { readonly set: GroupName; readonly queue: number };

/** `roomOfQueue`, `roomOfConsumer`: what the resolver or the configuration of the client says. */
export type StockStrategy =
  | { readonly kind: 'average' }
  | { readonly kind: 'circle' }
  /** `rooms`: those whose queues it reads at all, by names of broker sets of the form `IDC@name`. */
  | { readonly kind: 'machineRoom'; readonly rooms: ReadonlySet<string> }
  | {
      readonly kind: 'machineRoomNearby';
      readonly inner: 'average' | 'circle';
      readonly roomOfQueue: (set: GroupName) => string;
      readonly roomOfConsumer: (consumer: string) => string;
    };

/** `queues` and `consumers` are sorted, and `consumer` is one of them. */
export function stockShareOf(
  strategy: StockStrategy,
  consumer: string,
  queues: readonly StockQueue[],
  consumers: readonly string[],
): readonly StockQueue[] {
  const index = consumers.indexOf(consumer);
  assert(index >= 0, 'a consumer is one of those that its broker tells it of');
  switch (strategy.kind) {
    case 'average':
      return averageShare(index, queues, consumers.length);
    case 'circle':
      return circleShare(index, queues, consumers.length);
    case 'machineRoom':
      return machineRoomShare(index, queues, consumers.length, strategy.rooms);
    case 'machineRoomNearby':
      return nearbyShare(strategy, consumer, queues, consumers);
  }
}

/** AllocateMessageQueueAveragely: runs of queues, the first consumers get one more. */
function averageShare(index: number, queues: readonly StockQueue[], consumers: number) {
  const share = Math.floor(queues.length / consumers);
  const odd = queues.length % consumers;
  const start = index * share + Math.min(index, odd);
  return queues.slice(start, start + share + (index < odd ? 1 : 0));
}

/** AllocateMessageQueueAveragelyByCircle: one each in turn. */
const circleShare = (index: number, queues: readonly StockQueue[], consumers: number) =>
  queues.filter((_, position) => position % consumers === index);

/** AllocateMessageQueueByMachineRoom: runs as well, but the odd queues are those at the end. */
function machineRoomShare(
  index: number,
  queues: readonly StockQueue[],
  consumers: number,
  rooms: ReadonlySet<string>,
) {
  const read = queues.filter(({ set }) => {
    const [room = '', name, ...rest] = set.split('@');
    return name !== undefined && rest.length === 0 && rooms.has(room);
  });
  const share = Math.floor(read.length / consumers);
  const own = read.slice(index * share, (index + 1) * share);
  const odd = read.slice(consumers * share);
  return [...own, ...odd.slice(index, index + 1)];
}

/**
 * AllocateMachineRoomNearby: queues of a room with consumers go to these; those of any other room to all, room by room, so
 * that consumers that sort first get more of them.
 */
function nearbyShare(
  { inner, roomOfQueue, roomOfConsumer }: Extract<StockStrategy, { kind: 'machineRoomNearby' }>,
  consumer: string,
  queues: readonly StockQueue[],
  consumers: readonly string[],
) {
  const byRoom = new Map<string, StockQueue[]>();
  for (const queue of queues) {
    const room = roomOfQueue(queue.set);
    const others = byRoom.get(room);
    if (others === undefined) byRoom.set(room, [queue]);
    else others.push(queue);
  }
  const own = roomOfConsumer(consumer);
  const lived = new Set(consumers.map(roomOfConsumer));
  return [...byRoom.keys()].sort().flatMap((room) => {
    if (lived.has(room) && room !== own) return [];
    const among = room === own ? consumers.filter((other) => roomOfConsumer(other) === own) : consumers;
    return stockShareOf({ kind: inner }, consumer, byRoom.get(room) ?? [], among);
  });
}
