/** The strategies of the Java clients, held to what their own code answers and to what they promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupName, groupName } from '../../../src/core/primitives/identifiers.ts';
import {
  type StockQueue,
  type StockStrategy,
  stockShareOf,
} from '../../../src/core/routing/stock-strategies.ts';

const queuesOf = (set: string, count: number): StockQueue[] =>
  Array.from({ length: count }, (_, queue) => ({ set: groupName(set), queue }));
const consumersOf = (count: number, prefix = 'c'): string[] =>
  Array.from({ length: count }, (_, number) => `${prefix}${String(number).padStart(2, '0')}`);
const shares = (strategy: StockStrategy, queues: readonly StockQueue[], consumers: readonly string[]) =>
  consumers.map((consumer) =>
    stockShareOf(strategy, consumer, queues, consumers).map(({ set, queue }) => `${set}/${queue}`),
  );
const numbers = (strategy: StockStrategy, queues: number, consumers: number) =>
  shares(strategy, queuesOf('a', queues), consumersOf(consumers)).map((share) =>
    share.map((text) => Number(text.slice(2))),
  );

/** AllocateMessageQueueAveragely, line by line as it is written in Java. */
function javaAverage(queues: number, consumers: number, index: number): number[] {
  const mod = queues % consumers;
  const averageSize =
    queues <= consumers
      ? 1
      : mod > 0 && index < mod
        ? Math.floor(queues / consumers) + 1
        : Math.floor(queues / consumers);
  const startIndex = mod > 0 && index < mod ? index * averageSize : index * averageSize + mod;
  const range = Math.min(averageSize, queues - startIndex);
  const result: number[] = [];
  for (let i = 0; i < range; i += 1) result.push((startIndex + i) % queues);
  return result;
}

/** AllocateMessageQueueByMachineRoom, likewise. */
function javaMachineRoom(queues: number, consumers: number, index: number): number[] {
  const mod = Math.floor(queues / consumers);
  const rem = queues % consumers;
  const result: number[] = [];
  for (let i = mod * index; i < mod * index + mod; i += 1) result.push(i);
  if (rem > index) result.push(index + mod * consumers);
  return result;
}

test('AVG and MACHINE_ROOM answer what the lines of their originals answer, for all small numbers', () => {
  for (let queues = 0; queues <= 13; queues += 1) {
    for (let consumers = 1; consumers <= 9; consumers += 1) {
      const average = numbers({ kind: 'average' }, queues, consumers);
      const rooms = { kind: 'machineRoom', rooms: new Set(['idc-a']) } as const;
      const room = shares(rooms, queuesOf('idc-a@x', queues), consumersOf(consumers));
      for (let index = 0; index < consumers; index += 1) {
        assert.deepEqual(average[index], javaAverage(queues, consumers, index), `${queues}/${consumers}`);
        assert.deepEqual(
          room[index],
          javaMachineRoom(queues, consumers, index).map((queue) => `idc-a@x/${queue}`),
        );
      }
    }
  }
});

test('AVG gives runs, AVG_BY_CIRCLE every n-th', () => {
  assert.deepEqual(numbers({ kind: 'average' }, 7, 3), [
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]);
  assert.deepEqual(numbers({ kind: 'circle' }, 7, 3), [
    [0, 3, 6],
    [1, 4],
    [2, 5],
  ]);
});

test('MACHINE_ROOM leaves queues of other rooms, and of names without a room, to nobody', () => {
  const queues = [
    ...queuesOf('idc-a@x', 2),
    ...queuesOf('idc-b@x', 2),
    ...queuesOf('plain', 2),
    ...queuesOf('idc-a@x@y', 1),
  ];
  const strategy = { kind: 'machineRoom', rooms: new Set(['idc-a']) } as const;
  assert.deepEqual(shares(strategy, queues, ['c1']), [['idc-a@x/0', 'idc-a@x/1']]);
});

/** The room of a queue is the first letter of its set, that of a consumer its own first letter. */
const nearby = (inner: 'average' | 'circle'): StockStrategy => ({
  kind: 'machineRoomNearby',
  inner,
  roomOfQueue: (set: GroupName) => set.slice(0, 1),
  roomOfConsumer: (consumer) => consumer.slice(0, 1),
});

test('MACHINE_ROOM_NEARBY keeps queues in rooms that live, and shares out those of each dead room among all', () => {
  const queues = [...queuesOf('a', 4), ...queuesOf('b', 3), ...queuesOf('z', 3)];
  assert.deepEqual(shares(nearby('average'), queues, ['a1', 'a2', 'b1']), [
    ['a/0', 'a/1', 'z/0'],
    ['a/2', 'a/3', 'z/1'],
    ['b/0', 'b/1', 'b/2', 'z/2'],
  ]);
  // Known imbalance: each dead room begins with the first consumer again.
  const dead = [...queuesOf('x', 1), ...queuesOf('y', 1), ...queuesOf('z', 1)];
  assert.deepEqual(shares(nearby('circle'), dead, ['a1', 'b1']), [['x/0', 'y/0', 'z/0'], []]);
});

test('with the same queues and colleagues for all, every queue has exactly one owner', () => {
  const strategies: readonly StockStrategy[] = [
    { kind: 'average' },
    { kind: 'circle' },
    nearby('average'),
    nearby('circle'),
  ];
  for (const strategy of strategies) {
    for (let count = 0; count <= 9; count += 1) {
      const queues = [...queuesOf('a', count), ...queuesOf('b', 9 - count), ...queuesOf('z', 2)];
      for (const consumers of [['a1'], ['b1', 'b2'], ['a1', 'a2', 'a3', 'b1', 'c1']]) {
        const owned = shares(strategy, queues, consumers).flat().sort();
        assert.deepEqual(owned, queues.map(({ set, queue }) => `${set}/${queue}`).sort());
      }
    }
  }
});
