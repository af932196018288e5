/** The seam for drivers of brokers: virtual timers that die with the process, promises settled between events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriverPort } from '../../../src/core/node/ports.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { drawPlan } from '../profiles/plan.ts';
import type { DriverFactory, NodeEnvironment } from './environment.ts';
import { SITES } from './places.ts';
import { World } from './world.ts';

const A = nodeName('pollux-a');
const B = nodeName('pollux-b');

const silentDriver = (onWatch: (targets: number) => void): DriverPort => ({
  watch: (targets) => onWatch(targets.length),
  onObservation: () => undefined,
  probeFresh: () => assert.fail('nothing is probed'),
  steer: () => assert.fail('nothing is steered'),
  close: async () => undefined,
});

function worldWith(drivers: DriverFactory): World {
  const { timing } = drawPlan(1);
  return new World({ seed: 1, size: 3, timing, tickIntervalMs: 10, oracles: [], drivers });
}

test('each life of each node gets drivers of its own, which are told whom to watch', async () => {
  const made: string[] = [];
  const watched: string[] = [];
  const world = worldWith(({ node }) => {
    made.push(node);
    return new Map([['redis', silentDriver((targets) => watched.push(`${node} ${targets}`))]]);
  });
  await world.run(100);
  assert.deepEqual(made, ['pollux-a', 'pollux-b', 'pollux-w']);
  assert.deepEqual([...watched].sort(), ['pollux-a 0', 'pollux-b 0', 'pollux-w 0']);
  world.node(A).crash(0);
  world.node(A).start();
  assert.deepEqual(made.slice(3), ['pollux-a']);
});

/** A world whose drivers only hand out their environments. */
function environments(): { readonly world: World; readonly of: Map<string, NodeEnvironment> } {
  const of = new Map<string, NodeEnvironment>();
  const world = worldWith((environment) => {
    of.set(environment.node, environment);
    return new Map();
  });
  return { world, of };
}

test('timers run by the clock of their node, wait while it stands still, and die with it', async () => {
  const { world, of } = environments();
  const environment = of.get(A) ?? assert.fail();
  world.node(A).clock.setRate(2);
  const fired: number[] = [];
  const interval = environment.timers.setInterval(() => fired.push(world.nowMs), 20);
  await world.run(35);
  assert.deepEqual(fired, [10, 20, 30]);
  world.node(A).pause(50, false);
  await world.run(100);
  assert.equal(fired[3], 85, 'late, and once');
  environment.timers.clear(interval);
  const count = fired.length;
  environment.timers.setTimeout(() => fired.push(-1), 20);
  world.node(A).crash(0);
  await world.run(100);
  assert.equal(fired.length, count);
});

test('what arrives for a process waits while it stands still and is dropped when it ended', async () => {
  const { world, of } = environments();
  const arrived: string[] = [];
  const arrive = (what: string): void => of.get(A)?.arrive(() => arrived.push(what));
  arrive('at once');
  world.node(A).pause(50, false);
  arrive('late');
  assert.deepEqual(arrived, ['at once']);
  await world.run(60);
  assert.deepEqual(arrived, ['at once', 'late']);
  world.node(A).pause(50, false);
  arrive('never');
  world.node(A).crash(0);
  await world.run(60);
  arrive('never either');
  assert.deepEqual(arrived, ['at once', 'late']);
});

test('what was promised comes true before the next event', async () => {
  const { world } = environments();
  const order: string[] = [];
  world.at(1, () => {
    void Promise.resolve()
      .then(() => undefined)
      .then(() => order.push('promised'));
  });
  world.at(1, () => order.push('next event'));
  await world.run(2);
  assert.deepEqual(order, ['promised', 'next event']);
});

test('servers are reached as the network lets it, one way at a time', () => {
  const { world, of } = environments();
  const environment = of.get(A) ?? assert.fail();
  world.network.cut([A], [SITES.b]);
  assert.deepEqual(
    [environment.reaches(SITES.b), environment.isReachedFrom(SITES.b), environment.reaches(SITES.a)],
    [false, true, true],
  );
  assert.equal(of.get(B)?.reaches(SITES.b), true);
});

test('a pause between a step and its effects lets them happen late, in order', async () => {
  const world = worldWith(() => new Map());
  await world.runUntil(() => world.leader() !== null, 5_000);
  const leader = world.leader() ?? assert.fail();
  leader.pause(80, true);
  const beganMs = world.nowMs;
  const replies: number[] = [];
  leader.request({ type: 'readBarrier' }, () => replies.push(world.nowMs - beganMs));
  await world.run(300);
  assert.equal(world.counts['pausesAfterStep'], 1);
  assert.ok((replies[0] ?? 0) >= 80, `answered after ${replies[0]} ms`);
});
