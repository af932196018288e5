import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName, groupKey, groupName, topicName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { addGroup, addTopic, declared, labelsOf, MAIN, ORDERS } from '../ledger.ts';

const STOCK = groupKey(MAIN, groupName('stock'));

test('a topic is declared once, over groups of its own cluster', () => {
  const ledger = declared().accept(addTopic());
  assert.equal(ledger.store.topics.get('main/created')?.queues[0]?.readQueues, 4);
  ledger.refuse(addTopic(), 'duplicateName', 'topic.name');
  const queues = [
    { group: ORDERS, readQueues: 1, writeQueues: 1 },
    { group: STOCK, readQueues: 1, writeQueues: 1 },
  ];
  ledger.refuse(addTopic('paid', { queues }), 'unknownGroup', 'topic.queues.1.group');
  ledger.refuse(addTopic('paid', { cluster: clusterName('spare') }), 'unknownGroup', 'topic.queues.0.group');
  ledger.accept(addGroup('stock', 9_000), addTopic('paid', { queues }));
  const twice = [...queues, ...queues];
  ledger.refuse(addTopic('sent', { queues: twice }), 'duplicateName', 'topic.queues.2.group');
});

test('queues are limited over all groups of a topic, read and write apart', () => {
  const ledger = declared().accept(addGroup('stock', 9_000));
  const queues = (one: number, other: number) => [
    { group: ORDERS, readQueues: one, writeQueues: 1 },
    { group: STOCK, readQueues: other, writeQueues: 1 },
  ];
  ledger.refuse(
    addTopic('paid', { queues: queues(LIMITS.queuesPerTopic, 1) }),
    'limitReached',
    'topic.queues',
  );
  ledger.accept(addTopic('paid', { queues: queues(LIMITS.queuesPerTopic - 1, 1) }));
  const wide = Array.from({ length: LIMITS.groupsPerTopic + 1 }, () => ({
    group: ORDERS,
    readQueues: 1,
    writeQueues: 1,
  }));
  ledger.refuse(addTopic('sent', { queues: wide }), 'limitReached', 'topic.queues');
});

test('labels, attributes and topics are limited', () => {
  const ledger = declared();
  const many = labelsOf(LIMITS.labelsPerObject + 1);
  ledger.refuse(addTopic('paid', { labels: many }), 'limitReached', 'topic.labels');
  ledger.refuse(addTopic('paid', { attributes: many }), 'limitReached', 'topic.attributes');
  ledger.accept(addTopic('paid', { labels: labelsOf(LIMITS.labelsPerObject) }));
  const { topic } = addTopic('filler');
  for (let number = 1; number < LIMITS.topics; number += 1) {
    ledger.store.topics.set(`main/${number}`, { ...topic, name: topicName(`${number}`) });
  }
  const result = ledger.apply(addTopic('one-more'));
  assert.ok(!result.ok && result.refusal.code === 'limitReached');
});
