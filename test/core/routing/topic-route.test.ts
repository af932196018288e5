import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERY_TOPIC, type TopicNear } from '../../../src/core/metadata/broker-set-state.ts';
import type { GroupName } from '../../../src/core/primitives/identifiers.ts';
import { type RouteViewer, routeOfTopic, type TopicRoute } from '../../../src/core/routing/topic-route.ts';
import {
  addressOf,
  alike,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  elect,
  IDC_A,
  IDC_B,
  registration,
  version,
} from '../metadata/broker-set-fixture.ts';
import { Ledger } from '../metadata/ledger.ts';

const NOWHERE: RouteViewer = { site: null, zone: null, zoneMode: false };
const inA: RouteViewer = { site: IDC_A, zone: null, zoneMode: true };
const inB: RouteViewer = { site: IDC_B, zone: null, zoneMode: true };

/** Set broker-a with its master in idc-a and a slave in idc-b, set broker-b the other way round. */
const two = () =>
  new Ledger().accept(
    registration(1, { site: IDC_A }),
    registration(2, { site: IDC_B, brokerId: 1 }),
    registration(3, { name: BROKER_B, site: IDC_B }),
    registration(4, { name: BROKER_B, site: IDC_A, brokerId: 1 }),
  );

function route(ledger: Ledger, viewer: RouteViewer, topic = 'TopicA'): TopicRoute {
  const result = routeOfTopic(ledger.store, topic, viewer);
  assert.ok(result.ok, JSON.stringify(result));
  assert.deepEqual(
    result.value.sets.map(({ name }) => name),
    result.value.queues.map(({ name }) => name),
  );
  return result.value;
}

const names = (ledger: Ledger, viewer: RouteViewer, topic?: string): readonly GroupName[] =>
  route(ledger, viewer, topic).sets.map(({ name }) => name);

const remove = (number: number, name = BROKER_A) =>
  ({ type: 'registration.remove', name, address: addressOf(number) }) as const;
const near = (rule: TopicNear | null, topic = 'TopicA') =>
  ({ type: 'naming.setTopicNear', topic, near: rule, by: 'o', wallMs: 1 }) as const;
const wipe = (name = BROKER_A) => ({ type: 'naming.setWritePermission', name, permission: 'wiped' }) as const;

test('who asks for no zone gets every broker set, with ids, addresses and queues', () => {
  const { sets, queues, fellBack, staticQueues } = route(two(), NOWHERE);
  assert.deepEqual(
    sets.map(({ name, addresses, site }) => [name, [...addresses], site]),
    [
      [
        BROKER_A,
        [
          [0, addressOf(1)],
          [1, addressOf(2)],
        ],
        IDC_A,
      ],
      [
        BROKER_B,
        [
          [0, addressOf(3)],
          [1, addressOf(4)],
        ],
        IDC_B,
      ],
    ],
  );
  assert.deepEqual(queues[0], { name: BROKER_A, readQueues: 4, writeQueues: 4, permission: 6, sysFlag: 0 });
  assert.deepEqual([fellBack, staticQueues], [false, []]);
  assert.deepEqual(names(two(), { ...inA, zoneMode: false }), [BROKER_A, BROKER_B]);
  assert.deepEqual(names(two(), { ...inB, zoneMode: false }), [BROKER_B, BROKER_A]);
});

test('an unknown topic is a miss', () => {
  const result = routeOfTopic(two().store, 'Nobody', NOWHERE);
  assert.equal(result.ok ? null : result.refusal.code, 'unknownTopic');
});

test('in zone mode the sets with their master near are listed', () => {
  assert.deepEqual(names(two(), inA), [BROKER_A]);
  assert.deepEqual(names(two(), inB), [BROKER_B]);
});

test('a zone that is none of our sites is what the masters call it, in any case of letters', () => {
  const ledger = two().accept(registration(1, { site: IDC_A, zone: 'Shanghai', dataVersion: version(2) }));
  assert.deepEqual(names(ledger, { site: null, zone: 'shanghai', zoneMode: true }), [BROKER_A]);
});

test('with no master near, all sets are listed: never an empty success', () => {
  const elsewhere = two().accept(remove(1));
  const fallen = route(elsewhere, inA);
  assert.deepEqual([fallen.fellBack, fallen.sets.map(({ name }) => name)], [true, [BROKER_A, BROKER_B]]);
  const unknown = { site: null, zone: 'nowhere', zoneMode: true };
  assert.deepEqual([route(two(), unknown).fellBack, names(two(), unknown)], [true, [BROKER_A, BROKER_B]]);
});

test('a set without a master is listed beside near ones, for its slaves can still be read', () => {
  assert.deepEqual(names(two().accept(remove(3, BROKER_B)), inA), [BROKER_A, BROKER_B]);
});

test('a near master that takes no writes is not enough, unless no other does either', () => {
  const ledger = two().accept(wipe());
  assert.deepEqual(names(ledger, inA), [BROKER_A, BROKER_B]);
  ledger.accept(wipe(BROKER_B));
  assert.deepEqual(names(ledger, inA), [BROKER_A]);
});

test('the rule of a topic goes over what the client asks for, and that of all topics where it has none', () => {
  const quiet = { ...inA, zoneMode: false };
  const ledger = two().accept(near('prefer'));
  assert.deepEqual(names(ledger, quiet), [BROKER_A]);
  assert.deepEqual(names(ledger, quiet, 'TBW102'), [BROKER_A, BROKER_B]);
  ledger.accept(near('everywhere'));
  assert.deepEqual(names(ledger, inA), [BROKER_A, BROKER_B]);
  ledger.accept(near('prefer', EVERY_TOPIC));
  assert.deepEqual(names(ledger, quiet, 'TBW102'), [BROKER_A]);
  assert.deepEqual(names(ledger, inA), [BROKER_A, BROKER_B]);
  assert.deepEqual(names(ledger, NOWHERE, 'TBW102'), [BROKER_A, BROKER_B]);
});

test('a strict topic lists near sets only, and is refused where there is none', () => {
  const ledger = two().accept(near('strict'));
  assert.deepEqual(names(ledger, { ...inA, zoneMode: false }), [BROKER_A]);
  ledger.accept(remove(1));
  const result = routeOfTopic(ledger.store, 'TopicA', inA);
  assert.equal(result.ok ? null : result.refusal.code, 'noWritableGroup');
  assert.deepEqual(names(ledger, inB), [BROKER_A, BROKER_B]);
});

test('brokers see all of their own set, whatever their zone', () => {
  const topic = `rmq_sys_SYNC_BROKER_MEMBER_${BROKER_A}`;
  const ledger = two().accept(
    registration(1, { site: IDC_A, dataVersion: version(2), topics: [alike([topic])] }),
    near('strict', EVERY_TOPIC),
  );
  assert.deepEqual(names(ledger, inB, topic), [BROKER_A]);
});

test('permission is what holds now: wiped, added, or that of a set whose slave acts as master', () => {
  const permission = (ledger: Ledger) => route(ledger, NOWHERE).queues[0]?.permission;
  assert.equal(permission(two().accept(wipe())), 4);
  assert.equal(permission(two().accept({ ...wipe(), permission: 'added' })), 6);
  const acting = { enableActingMaster: true };
  const ledger = new Ledger().accept(registration(1, acting), registration(2, { brokerId: 1, ...acting }));
  assert.equal(permission(ledger), 6);
  ledger.accept(remove(1));
  assert.equal(permission(ledger), 4);
  assert.equal(permission(two().accept(remove(1))), 6);
});

test('zones are those of the master, however often slaves of another IDC register', () => {
  const ledger = two().accept(
    registration(2, { site: IDC_B, brokerId: 1, dataVersion: version(7), zone: 'idc-b' }),
  );
  assert.equal(route(ledger, NOWHERE).sets[0]?.site, IDC_A);
});

test('an election moves the route at its commit: master, IDC and all', () => {
  const ledger = new Ledger().accept(
    applyId(1),
    applyId(2),
    elect(1, 0),
    alterSyncStateSet([1, 2]),
    registration(1, { dataVersion: version(1, 1) }),
    registration(2, { brokerId: 2, site: IDC_B, dataVersion: version(1, 1) }),
  );
  assert.equal(route(ledger, inA).sets[0]?.addresses.get(0), addressOf(1));
  ledger.accept(elect(2, 1));
  const [set] = route(ledger, inB).sets;
  assert.deepEqual([[...(set?.addresses ?? [])], set?.site, set?.near], [[[0, addressOf(2)]], IDC_B, true]);
});

test('static parts come with the sets that hold them', () => {
  const part = { topic: 'TopicA', scope: '__global__', totalQueues: 2, epoch: 1, queues: [[0, 1]] as const };
  const ledger = two().accept(
    registration(1, { site: IDC_A, dataVersion: version(2), staticTopics: [part] }),
  );
  assert.deepEqual(
    route(ledger, NOWHERE).staticQueues.map(({ name, queues }) => [name, queues]),
    [[BROKER_A, [[0, 1]]]],
  );
  assert.deepEqual(route(ledger, inB).staticQueues, []);
});
