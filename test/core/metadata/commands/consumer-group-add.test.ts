import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '../../../../src/core/primitives/assert.ts';
import { clusterName, consumerGroupName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { type CommandOf, Ledger, labelsOf, MAIN } from '../ledger.ts';

const add = (
  name: string,
  changes: Partial<CommandOf<'consumerGroup.add'>> = {},
): CommandOf<'consumerGroup.add'> => ({
  type: 'consumerGroup.add',
  cluster: MAIN,
  name: consumerGroupName(name),
  owner: 'billing',
  labels: {},
  ...changes,
});

test('a consumer group is declared once a cluster', () => {
  const ledger = new Ledger().accept(add('billing'));
  assert.deepEqual(ledger.store.consumerGroups.get('main/billing'), {
    cluster: 'main',
    name: 'billing',
    owner: 'billing',
    labels: {},
    allocationPolicy: 'byIdc',
    paused: false,
  });
  ledger.refuse(add('billing'), 'duplicateName', 'name');
  ledger.accept(add('billing', { cluster: clusterName('spare') }));
});

test('labels, clusters and consumer groups are limited', () => {
  const ledger = new Ledger();
  ledger.refuse(add('a', { labels: labelsOf(LIMITS.labelsPerObject + 1) }), 'limitReached', 'labels');
  for (let number = 0; number < LIMITS.clusters; number += 1) {
    ledger.accept(add('a', { cluster: clusterName(`cluster-${number}`) }));
  }
  ledger.refuse(add('a'), 'limitReached', 'cluster');
  const one = must(ledger.store.consumerGroups.get('cluster-0/a'), 'declared above');
  while (ledger.store.consumerGroups.size < LIMITS.consumerGroups) {
    const name = consumerGroupName(`g-${ledger.store.consumerGroups.size}`);
    ledger.store.consumerGroups.set(`cluster-0/${name}`, { ...one, name });
  }
  ledger.refuse(add('b', { cluster: clusterName('cluster-0') }), 'limitReached');
});
