import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterName, topicName } from '../../../../src/core/primitives/identifiers.ts';
import { addTopic, type CommandOf, declared, MAIN } from '../ledger.ts';

const remove = (cluster = MAIN): CommandOf<'topic.remove'> => ({
  type: 'topic.remove',
  cluster,
  name: topicName('created'),
});

test('a topic is removed from its own cluster, once', () => {
  const ledger = declared().accept(addTopic());
  ledger.refuse(remove(clusterName('spare')), 'unknownTopic', 'name');
  ledger.accept(remove());
  assert.equal(ledger.store.topics.size, 0);
  ledger.refuse(remove(), 'unknownTopic', 'name');
});
