import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerGroup, Topic } from '../../../src/core/metadata/state.ts';
import {
  epoch,
  incarnation,
  lineage,
  replicaId,
  siteName,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import { type Route, type RouteQuery, routeOf } from '../../../src/core/routing/route.ts';
import { activeGroup, CLUSTER, IDC_A, IDC_B, stateOf, topicOver, WITNESS } from './state-fixture.ts';

const AT = { index: 40, stale: false };
const QUERY: RouteQuery = { cluster: CLUSTER, topic: topicName('orders'), idc: IDC_A };

function routeIn(
  groups: readonly BrokerGroup[],
  query: Partial<RouteQuery> = {},
  topic: Partial<Topic> = {},
): Route {
  const result = routeOf(stateOf(groups, [topicOver(groups, topic)]), { ...QUERY, ...query }, AT);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const names = (route: Route): readonly string[] => route.groups.map((group) => group.group);

const fencing = (group: BrokerGroup): BrokerGroup => ({
  ...group,
  phase: {
    kind: 'fencing',
    epoch: epoch(4),
    reason: 'masterLost',
    recordId: 'r',
    preferred: null,
    unsafe: false,
  },
});

const promotingThird = (group: BrokerGroup): BrokerGroup => ({
  ...group,
  phase: {
    kind: 'promoting',
    epoch: epoch(4),
    reason: 'masterLost',
    recordId: 'r',
    candidate: replicaId(`${group.name}-3`),
    incarnation: incarnation('i'),
    cut: 9n,
    cutLineage: lineage('l'),
    cutEpoch: null,
  },
});

test('groups of the own IDC come first, the others after them, each by name', () => {
  const groups = [
    activeGroup('d', IDC_B),
    activeGroup('b', IDC_A),
    activeGroup('a', IDC_B),
    activeGroup('c', IDC_A),
  ];
  assert.deepEqual(names(routeIn(groups)), ['b', 'c', 'a', 'd']);
  assert.deepEqual(names(routeIn(groups, { idc: IDC_B })), ['a', 'd', 'b', 'c']);
  assert.deepEqual(
    routeIn(groups).groups.map((group) => group.near),
    [true, true, false, false],
  );
});

test('the first writable group is in the other IDC when none of the own takes writes', () => {
  const groups = [fencing(activeGroup('a', IDC_A)), activeGroup('b', IDC_B)];
  const route = routeIn(groups);
  assert.deepEqual(names(route), ['a', 'b']);
  assert.equal(route.groups.find((group) => group.writable)?.group, 'b');
});

test('within an IDC a writable group comes before one that is not', () => {
  const groups = [fencing(activeGroup('a', IDC_A)), activeGroup('b', IDC_A)];
  assert.deepEqual(names(routeIn(groups)), ['b', 'a']);
});

test('a route carries everything that a client needs of a group', () => {
  const group = activeGroup('a', IDC_A);
  assert.deepEqual(routeIn([group]), {
    cluster: 'default',
    topic: 'orders',
    revision: { incarnation: 'tier-1', index: 40 },
    stale: false,
    near: 'prefer',
    permission: 'readWrite',
    order: false,
    groups: [
      {
        group: 'a',
        epoch: 3,
        idc: 'idc-a',
        near: true,
        writable: true,
        readQueues: 4,
        writeQueues: 4,
        master: { replica: 'a-1', idc: 'idc-a', address: '127.0.0.1:7101' },
        slaves: [
          { replica: 'a-2', idc: 'idc-a', address: '127.0.0.1:7102', readable: true },
          { replica: 'a-3', idc: 'idc-b', address: '127.0.0.1:7103', readable: true },
        ],
        write: { syncSetVersion: 7, waitCount: 2, degraded: false, policy: 'cross-idc' },
      },
    ],
  });
});

test('a group between two reigns has no master and no terms of writing, and the old master is not readable', () => {
  for (const group of [fencing(activeGroup('a', IDC_A)), promotingThird(activeGroup('a', IDC_A))]) {
    const shown = routeIn([group]).groups[0];
    assert.equal(shown?.master, null);
    assert.equal(shown?.write, null);
    assert.equal(shown?.writable, false);
    assert.equal(shown?.slaves.find((slave) => slave.replica === 'a-1')?.readable, false);
  }
});

test('a group stands where its last master stood, and where its committed candidate stands', () => {
  assert.equal(routeIn([fencing(activeGroup('a', IDC_A))]).groups[0]?.idc, 'idc-a');
  assert.equal(routeIn([promotingThird(activeGroup('a', IDC_A))]).groups[0]?.idc, 'idc-b');
  assert.equal(routeIn([fencing(activeGroup('a', IDC_A, { master: null }))]).groups[0]?.idc, null);
});

test('clients get the announced address where there is one', () => {
  const group = activeGroup('a', IDC_A);
  const replicas = group.replicas.map((replica) => ({
    ...replica,
    endpoints: { ...replica.endpoints, announced: `broker.${replica.id}:6379` },
  }));
  assert.equal(routeIn([{ ...group, replicas }]).groups[0]?.master?.address, 'broker.a-1:6379');
});

test('a slave is readable only as a caught-up member in the incarnation that was taken in', () => {
  const group = activeGroup('a', IDC_A);
  const [set] = group.syncSets;
  assert.ok(set);
  const readable = (syncSets: BrokerGroup['syncSets'], topic: Partial<Topic> = {}): readonly boolean[] =>
    routeIn([{ ...group, syncSets }], {}, topic).groups[0]?.slaves.map((slave) => slave.readable) ?? [];
  const members = (changes: object): BrokerGroup['syncSets'] => [
    {
      ...set,
      members: set.members.map((member, position) => (position === 0 ? { ...member, ...changes } : member)),
    },
  ];
  assert.deepEqual(readable(members({ caughtUp: false })), [false, true]);
  assert.deepEqual(readable(members({ incarnation: incarnation('another') })), [false, true]);
  assert.deepEqual(readable(members({ replica: replicaId('gone') })), [false, true]);
  assert.deepEqual(readable(group.syncSets, { permission: 'write' }), [false, false]);
  // Nobody is caught up under a new set yet; who left one in between starts anew.
  const next = (changes: object): BrokerGroup['syncSets'] =>
    members({ caughtUp: false, ...changes }).map((one) => ({ ...one, version: one.version + 1 }));
  assert.deepEqual(readable([set, ...next({})]), [true, true]);
  assert.deepEqual(readable([set, ...next({ replica: replicaId('gone') }), ...next({})]), [false, true]);
  assert.deepEqual(readable([{ ...set, epoch: epoch(set.epoch - 1) }, ...next({})]), [false, true]);
});

test('producers use the newest rule; all-of counts every member', () => {
  const group = activeGroup('a', IDC_A);
  const [set] = group.syncSets;
  assert.ok(set);
  const newer = { ...set, version: 8, rule: { kind: 'allOf' }, degraded: true } as const;
  const route = routeIn([{ ...group, policy: 'all', syncSets: [set, newer] }]);
  assert.deepEqual(route.groups[0]?.write, {
    syncSetVersion: 8,
    waitCount: 2,
    degraded: true,
    policy: 'all',
  });
});

test('a topic that may not be written, or has no write queues there, is not writable', () => {
  const group = activeGroup('a', IDC_A);
  assert.equal(routeIn([group], {}, { permission: 'read' }).groups[0]?.writable, false);
  const queues = [{ group: group.key, readQueues: 4, writeQueues: 0 }];
  assert.equal(routeIn([group], {}, { queues }).groups[0]?.writable, false);
});

test('a strict topic lists only groups of the IDC, and is refused where there is none', () => {
  const groups = [activeGroup('a', IDC_A), activeGroup('b', IDC_B)];
  assert.deepEqual(names(routeIn(groups, {}, { near: 'strict' })), ['a']);
  assert.deepEqual(names(routeIn(groups, { idc: null }, { near: 'strict' })), ['a', 'b']);

  const onlyB = [activeGroup('b', IDC_B)];
  const result = routeOf(stateOf(onlyB, [topicOver(onlyB, { near: 'strict' })]), QUERY, AT);
  assert.ok(!result.ok);
  assert.equal(result.refusal.code, 'noWritableGroup');
  assert.match(result.refusal.message, /idc-a.*pollux switchover/);
});

test('a topic without queues is refused, not answered with an empty list', () => {
  const result = routeOf(stateOf([], [topicOver([])]), QUERY, AT);
  assert.equal(result.ok ? null : result.refusal.code, 'noWritableGroup');
});

test('without an IDC every group is listed by name and none is near', () => {
  const route = routeIn([activeGroup('b', IDC_A), activeGroup('a', IDC_B)], { idc: null });
  assert.deepEqual(names(route), ['a', 'b']);
  assert.ok(route.groups.every((group) => !group.near));
});

test('an unknown topic is refused with topics of the same cluster', () => {
  const groups = [activeGroup('a', IDC_A)];
  const result = routeOf(stateOf(groups, [topicOver(groups)]), { ...QUERY, topic: topicName('order') }, AT);
  assert.ok(!result.ok);
  assert.equal(result.refusal.code, 'unknownTopic');
  assert.equal(result.refusal.field, 'topic');
  assert.match(result.refusal.expected ?? '', /orders/);
});

test('an unknown IDC, and the witness site, are refused with the IDCs that exist', () => {
  const groups = [activeGroup('a', IDC_A)];
  for (const idc of [siteName('idc-c'), WITNESS]) {
    const result = routeOf(stateOf(groups, [topicOver(groups)]), { ...QUERY, idc }, AT);
    assert.ok(!result.ok);
    assert.equal(result.refusal.code, 'unknownSite');
    assert.equal(result.refusal.expected, 'idc-a | idc-b');
  }
});
