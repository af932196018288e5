import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '../../../../src/core/primitives/assert.ts';
import {
  clusterName,
  groupKey,
  groupName,
  replicaId,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { addGroup, bootstrap, declared, fence, Ledger, labelsOf, ORDERS } from '../ledger.ts';

const [one, two, three] = addGroup().replicas;
const replicas = [must(one, 'one'), must(two, 'two'), must(three, 'three')] as const;

test('a declared group is fenced for its first reign, on the record', () => {
  const ledger = new Ledger().accept(
    bootstrap,
    addGroup('orders', 7_101, { preferredMaster: replicas[2].id }),
  );
  const group = ledger.group();
  assert.equal(group.epoch, 0);
  assert.equal(group.master, null);
  assert.deepEqual(group.phase, {
    kind: 'fencing',
    epoch: 1,
    reason: 'adoption',
    recordId: 'orders-adoption',
    preferred: 'orders-3',
    unsafe: false,
  });
  assert.deepEqual([group.syncSets, group.reigns, group.floor], [[], [], 0n]);
  assert.ok(group.replicas.every((replica) => replica.incarnation === null));
  const record = ledger.record('orders-adoption');
  assert.deepEqual([record.outcome, record.epoch, record.by], ['running', 1, 'operator']);
  assert.deepEqual(
    record.steps.map(({ step, wallMs }) => [step, wallMs]),
    [['fencing', 10]],
  );
});

test('names, ids and keys are not given twice', () => {
  const ledger = declared();
  ledger.refuse(addGroup('orders', 9_000, { recordId: 'other' }), 'duplicateName', 'name');
  ledger.refuse(addGroup('stock', 9_000, { recordId: 'orders-adoption' }), 'duplicateName', 'recordId');
  ledger.refuse(
    addGroup('stock', 9_000, { key: groupKey(clusterName('main'), groupName('x')) }),
    'invalidRequest',
    'key',
  );
});

test('a replica or an address of another group is not taken on', () => {
  const ledger = declared();
  const borrowed = addGroup('stock', 9_000).replicas.map((replica, position) =>
    position === 1 ? { ...replica, id: replicaId('orders-2') } : replica,
  );
  ledger.refuse(addGroup('stock', 9_000, { replicas: borrowed }), 'replicaInOtherGroup', 'replicas.1.id');
  ledger.refuse(addGroup('stock', 7_103), 'replicaInOtherGroup', 'replicas.0.endpoints');
  const announced = addGroup('stock', 9_000).replicas.map((replica, position) =>
    position === 2
      ? { ...replica, endpoints: { ...replica.endpoints, announced: '127.0.0.1:7102' } }
      : replica,
  );
  ledger.refuse(
    addGroup('stock', 9_000, { replicas: announced }),
    'replicaInOtherGroup',
    'replicas.2.endpoints',
  );
  const result = ledger.apply(addGroup('stock', 7_103));
  assert.ok(
    !result.ok &&
      result.refusal.message.includes('127.0.0.1:7103') &&
      result.refusal.message.includes(ORDERS),
  );
});

test('the same replica id may serve another cluster, the same address may not', () => {
  const ledger = declared();
  const other = { cluster: clusterName('spare'), key: groupKey(clusterName('spare'), groupName('orders')) };
  ledger.refuse(
    addGroup('orders', 7_101, { ...other, recordId: 'r' }),
    'replicaInOtherGroup',
    'replicas.0.endpoints',
  );
  ledger.accept(addGroup('orders', 9_000, { ...other, recordId: 'r' }));
});

test('host names of addresses compare without case', () => {
  const named = (host: string) =>
    replicas.map((replica, position) => ({
      ...replica,
      id: replicaId(`${host}-${position}`),
      endpoints: {
        client: `${host}:${7_101 + position}`,
        replication: `${host}:${7_101 + position}`,
        announced: null,
      },
    }));
  const ledger = new Ledger().accept(bootstrap, addGroup('orders', 1, { replicas: named('redis.local') }));
  ledger.refuse(
    addGroup('stock', 1, { replicas: named('REDIS.local') }),
    'replicaInOtherGroup',
    'replicas.0.endpoints',
  );
});

test('a declaration does not name a replica or an address twice', () => {
  const ledger = new Ledger().accept(bootstrap);
  ledger.refuse(
    addGroup('orders', 1, { replicas: [replicas[0], replicas[0]] }),
    'duplicateName',
    'replicas.1.id',
  );
  const twin = { ...replicas[1], endpoints: replicas[0].endpoints };
  ledger.refuse(
    addGroup('orders', 1, { replicas: [replicas[0], twin] }),
    'duplicateName',
    'replicas.1.endpoints',
  );
});

test('replicas stand in IDCs of the tier', () => {
  const ledger = new Ledger().accept(bootstrap);
  for (const site of ['idc-c', 'witness']) {
    const astray = { ...replicas[1], site: siteName(site) };
    ledger.refuse(
      addGroup('orders', 1, { replicas: [replicas[0], astray] }),
      'unknownSite',
      'replicas.1.site',
    );
  }
});

test('the preferred master is one of the replicas', () => {
  const command = addGroup('orders', 1, { preferredMaster: replicaId('orders-9') });
  new Ledger().accept(bootstrap).refuse(command, 'unknownReplica', 'preferredMaster');
});

test('replicas, labels and clusters are limited', () => {
  const ledger = new Ledger().accept(bootstrap);
  const crowd = Array.from({ length: LIMITS.replicasPerGroup + 1 }, (_, number) => ({
    ...replicas[0],
    id: replicaId(`r-${number}`),
    endpoints: { client: `h:${number}`, replication: `h:${number}`, announced: null },
  }));
  ledger.refuse(addGroup('orders', 1, { replicas: crowd }), 'limitReached', 'replicas');
  ledger.accept(addGroup('wide', 1, { replicas: crowd.slice(1) }));
  ledger.refuse(
    addGroup('orders', 1_000, { labels: labelsOf(LIMITS.labelsPerObject + 1) }),
    'limitReached',
    'labels',
  );
  const inCluster = (number: number) => {
    const cluster = clusterName(`cluster-${number}`);
    return addGroup(`g${number}`, 2_000 + 3 * number, {
      cluster,
      key: groupKey(cluster, groupName(`g${number}`)),
    });
  };
  for (let number = 1; number < LIMITS.clusters; number += 1) ledger.accept(inCluster(number));
  ledger.refuse(inCluster(LIMITS.clusters), 'limitReached', 'cluster');
  ledger.accept(addGroup('stock', 9_000));
});

test('groups are limited', () => {
  const ledger = declared();
  const group = ledger.group();
  for (let number = 1; number < LIMITS.groups; number += 1) {
    ledger.store.groups.set(groupKey(group.cluster, groupName(`g${number}`)), group);
  }
  ledger.refuse(addGroup('stock', 9_000), 'limitReached');
});

test('a group that is declared again goes on above the epochs of the removed one', () => {
  const ledger = declared()
    .accept(fence(2, { reason: 'promotionFailed' }))
    .accept({ type: 'group.remove', key: ORDERS }, addGroup('orders', 7_101, { recordId: 'again' }));
  const { phase } = ledger.group();
  assert.ok(phase.kind === 'fencing');
  assert.equal(phase.epoch, 3);
  assert.equal(ledger.record('again').epoch, 3);
});
