/** Plans over routes as they are, held to an oracle that tries every choice of every consumer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERY_TOPIC, type TopicNear } from '../../../src/core/metadata/broker-set-state.ts';
import type { MetadataState } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { type GroupName, groupName, type SiteName } from '../../../src/core/primitives/identifiers.ts';
import {
  type AllocationPlan,
  type PlannedConsumer,
  planAllocation,
  ruleOfTopic,
} from '../../../src/core/routing/allocation-plan.ts';
import { type StockStrategy, stockShareOf } from '../../../src/core/routing/stock-strategies.ts';
import { routeOfTopic } from '../../../src/core/routing/topic-route.ts';
import {
  alike,
  BROKER_A,
  BROKER_B,
  everyBrokerSetCommand,
  IDC_A,
  IDC_B,
  registration,
} from '../metadata/broker-set-fixture.ts';
import { Ledger } from '../metadata/ledger.ts';

const TOPIC = 'TopicA';
const AVERAGE: StockStrategy = { kind: 'average' };

/** Set broker-a in idc-a and broker-b in idc-b, four queues each. */
const two = (): Ledger =>
  new Ledger().accept(registration(1, { site: IDC_A }), registration(2, { name: BROKER_B, site: IDC_B }));
const consumer = (clientId: string, idc: SiteName | null, zoneMode = false): PlannedConsumer => ({
  clientId,
  idc,
  zoneMode,
});
const near = (rule: TopicNear | null, topic = TOPIC) =>
  ({ type: 'naming.setTopicNear', topic, near: rule, by: 'o', wallMs: 1 }) as const;

function planOf(
  state: MetadataState,
  consumers: readonly PlannedConsumer[],
  strategy: StockStrategy = AVERAGE,
  rule: TopicNear | null = null,
): AllocationPlan {
  const plan = planAllocation(state, { topic: TOPIC, consumers, strategyOf: () => strategy, near: rule });
  assert.ok(plan.ok, JSON.stringify(plan));
  return plan.value;
}

const keyOf = ({ set, queue }: { set: GroupName; queue: number }): string => `${set}/${queue}`;

test('consumers that see one route share it out without orphans and double owners', () => {
  const plan = planOf(two().store, [consumer('c1', IDC_A), consumer('c2', IDC_B), consumer('c3', null)]);
  assert.deepEqual([plan.orphans, plan.doubleOwned, plan.near], [[], [], 'client']);
  assert.deepEqual(
    plan.consumers.map(({ route, shares }) => [route.length, shares.map(({ queues }) => queues.length)]),
    [
      [2, [3]],
      [2, [3]],
      [2, [2]],
    ],
  );
});

test('near routes in each IDC are sound where each IDC has consumers, and orphan the queues of one that has none', () => {
  const both = planOf(two().store, [consumer('c1', IDC_A), consumer('c2', IDC_B)], AVERAGE, 'prefer');
  assert.deepEqual([both.orphans, both.doubleOwned], [[], []]);
  assert.deepEqual(
    both.consumers.map(({ route, shares }) => [route, shares.map(({ queues }) => queues.map(keyOf))]),
    [
      [[BROKER_A], [['broker-a/0', 'broker-a/1', 'broker-a/2', 'broker-a/3']]],
      [[BROKER_B], [['broker-b/0', 'broker-b/1', 'broker-b/2', 'broker-b/3']]],
    ],
  );
  const one = planOf(two().store, [consumer('c1', IDC_A), consumer('c2', IDC_A)], AVERAGE, 'prefer');
  assert.deepEqual(one.orphans.map(keyOf), ['broker-b/0', 'broker-b/1', 'broker-b/2', 'broker-b/3']);
  assert.ok(one.orphans.every(({ always }) => always));
});

test('a consumer that asks for its zone among others that do not gives double owners and orphans', () => {
  const plan = planOf(two().store, [consumer('c1', IDC_A, true), consumer('c2', IDC_B)]);
  // c2 hears of c1 from broker-a only; by what broker-b says it is alone.
  const [filtered, other] = plan.consumers;
  assert.deepEqual(
    filtered?.shares.map(({ asked, members, queues }) => [asked, members, queues.map(keyOf)]),
    [[[BROKER_A], ['c1', 'c2'], ['broker-a/0', 'broker-a/1']]],
  );
  assert.deepEqual(
    other?.shares.map(({ asked, members, queues }) => [asked, members, queues.length]),
    [
      [[BROKER_B], ['c2'], 8],
      [[BROKER_A], ['c1', 'c2'], 4],
    ],
  );
  assert.deepEqual(
    plan.orphans.map((queue) => [keyOf(queue), queue.always]),
    [
      ['broker-a/2', false],
      ['broker-a/3', false],
    ],
  );
  assert.deepEqual(
    plan.doubleOwned.map((queue) => [keyOf(queue), queue.always, queue.owners]),
    [
      ['broker-a/0', false, ['c1', 'c2']],
      ['broker-a/1', false, ['c1', 'c2']],
    ],
  );
});

test('a consumer without a route reads nothing and is told why; nobody at all orphans everything', () => {
  const ledger = new Ledger().accept(registration(1, { site: IDC_A }));
  const plan = planOf(ledger.store, [consumer('c1', IDC_A), consumer('c2', IDC_B)], AVERAGE, 'strict');
  assert.match(plan.consumers[1]?.refusal ?? '', /strict/);
  assert.deepEqual([plan.consumers[1]?.shares, plan.orphans, plan.doubleOwned], [[], [], []]);
  assert.equal(planOf(ledger.store, []).orphans.length, 4);
});

test('queues that cannot be read are no matter of a plan, and a set that is gone is in no route', () => {
  const ledger = new Ledger().accept(
    registration(1, { topics: [alike([TOPIC], { permission: 2 })] }),
    registration(2, { name: BROKER_B, site: IDC_B }),
  );
  const plan = planOf(ledger.store, [consumer('c1', IDC_A)]);
  assert.deepEqual([...new Set(plan.queues.map(({ set }) => set))], [BROKER_B]);
  assert.deepEqual(plan.orphans, []);
});

test('the rule in force is that of the topic, else that of all topics', () => {
  const ledger = two();
  assert.equal(ruleOfTopic(ledger.store, TOPIC), 'client');
  ledger.accept(near('prefer', EVERY_TOPIC));
  assert.equal(ruleOfTopic(ledger.store, TOPIC), 'prefer');
  ledger.accept(near('everywhere'));
  assert.equal(planOf(ledger.store, []).near, 'everywhere');
  assert.equal(planOf(ledger.store, [], AVERAGE, 'strict').near, 'strict');
  assert.equal(ruleOfTopic(ledger.store, TOPIC), 'everywhere', 'a plan changes nothing');
});

test('unknown and static topics, and ones with too many queues, are refused', () => {
  const refusal = (state: MetadataState, topic: string) => {
    const plan = planAllocation(state, { topic, consumers: [], strategyOf: () => AVERAGE, near: null });
    return plan.ok ? null : plan.refusal.code;
  };
  assert.equal(refusal(two().store, 'None'), 'unknownTopic');
  const ledger = new Ledger().accept(everyBrokerSetCommand['registration.set']);
  ledger.accept({
    type: 'naming.putTopic',
    topic: 'Static',
    queues: [{ name: BROKER_A, readQueues: 4, writeQueues: 4, permission: 6, sysFlag: 0 }],
  });
  assert.equal(refusal(ledger.store, 'Static'), 'invalidRequest');
  const wide = new Ledger().accept(registration(1, { topics: [{ ...alike(['Wide']), readQueues: 5_000 }] }));
  assert.equal(refusal(wide.store, 'Wide'), 'limitReached');
});

/** Deterministic numbers from 0 to `below`. */
function dice(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Every consumer asks any one broker set of its route; all combinations, and how many owners each queue has in each. */
function ownersInEveryWorld(
  state: MetadataState,
  consumers: readonly PlannedConsumer[],
  strategy: StockStrategy,
): readonly ReadonlyMap<string, readonly string[]>[] {
  const routes = consumers.map(({ idc, zoneMode }) => {
    const route = routeOfTopic(state, TOPIC, { site: idc, zone: idc, zoneMode });
    return route.ok ? route.value : null;
  });
  const listed = (set: GroupName): string[] =>
    consumers
      .filter((_, position) => routes[position]?.sets.some(({ name }) => name === set))
      .map(({ clientId }) => clientId)
      .sort();
  let worlds: Map<string, string[]>[] = [new Map()];
  for (const [position, { clientId }] of consumers.entries()) {
    const route = routes[position];
    if (route === null || route === undefined) continue;
    const queues = route.queues
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap(({ name, readQueues, permission }) =>
        Array.from({ length: (permission & 4) === 0 ? 0 : readQueues }, (_, queue) => ({ set: name, queue })),
      );
    const choices = route.sets.map(({ name }) => stockShareOf(strategy, clientId, queues, listed(name)));
    worlds = worlds.flatMap((world) =>
      choices.map((share) => {
        const next = new Map([...world].map(([key, owners]): [string, string[]] => [key, [...owners]]));
        for (const queue of share) next.set(keyOf(queue), [...(next.get(keyOf(queue)) ?? []), clientId]);
        return next;
      }),
    );
  }
  return worlds;
}

test('what a plan calls orphaned and doubly owned is what happens in some, or in every, choice of brokers', () => {
  let orphans = 0;
  let doubles = 0;
  let always = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const roll = dice(seed);
    const ledger = new Ledger();
    const sets = 1 + roll(3);
    for (let set = 0; set < sets; set += 1) {
      const site = [IDC_A, IDC_B, null][roll(3)] ?? null;
      const readQueues = 1 + roll(4);
      const permission = [6, 4, 2][roll(3)] ?? 6;
      const topics = [{ ...alike([TOPIC]), readQueues, permission }];
      ledger.accept(registration(set + 1, { name: groupName(`set-${set}`), site, topics }));
    }
    const rule = (['client', 'prefer', 'strict', 'everywhere'] as const)[roll(4)] ?? 'client';
    ledger.accept(near(rule));
    const consumers = Array.from({ length: roll(5) }, (_, number) =>
      consumer(`c${(number * 7) % 5}`, [IDC_A, IDC_B, null][roll(3)] ?? null, roll(2) === 1),
    );
    const strategies: readonly StockStrategy[] = [
      AVERAGE,
      { kind: 'circle' },
      {
        kind: 'machineRoomNearby',
        inner: 'average',
        roomOfQueue: (set) => ['idc-a', 'idc-b', 'idc-c'][Number(set.slice(4))] ?? '',
        roomOfConsumer: (id) => (id < 'c3' ? 'idc-a' : 'idc-b'),
      },
    ];
    const strategy = must(strategies[roll(3)], 'one of three');
    const plan = planOf(ledger.store, consumers, strategy);
    const worlds = ownersInEveryWorld(ledger.store, consumers, strategy);
    for (const queue of plan.queues) {
      const counts = worlds.map((world) => world.get(keyOf(queue))?.length ?? 0);
      const orphan = plan.orphans.find((one) => keyOf(one) === keyOf(queue));
      const double = plan.doubleOwned.find((one) => keyOf(one) === keyOf(queue));
      const where = `seed ${seed}, ${keyOf(queue)}`;
      assert.equal(orphan !== undefined, counts.includes(0), `${where}: orphaned in some world`);
      assert.equal(
        orphan?.always ?? false,
        counts.every((count) => count === 0),
        `${where}: always orphaned`,
      );
      assert.equal(
        double !== undefined,
        counts.some((count) => count > 1),
        `${where}: doubled in some world`,
      );
      assert.equal(
        double?.always ?? false,
        counts.every((count) => count > 1),
        `${where}: always doubled`,
      );
      if (orphan !== undefined) orphans += 1;
      if (double !== undefined) doubles += 1;
      if (double?.always === true) always += 1;
    }
    assert.ok(plan.orphans.every((one) => plan.queues.some((queue) => keyOf(queue) === keyOf(one))));
  }
  assert.ok(orphans > 100 && doubles > 20 && always > 2, `${orphans} ${doubles} ${always}`);
});
