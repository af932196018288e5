import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERY_TOPIC } from '../../../../src/core/metadata/broker-set-state.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { everyBrokerSetCommand } from '../broker-set-fixture.ts';
import { Ledger } from '../ledger.ts';

const rule = everyBrokerSetCommand['naming.setTopicNear'];

test('a rule may come before its topic, be replaced, and go again; each change is kept', () => {
  const ledger = new Ledger().accept(rule, rule, { ...rule, topic: EVERY_TOPIC, near: 'prefer' });
  assert.deepEqual(
    [...ledger.store.topicNears],
    [
      ['TopicA', 'strict'],
      [EVERY_TOPIC, 'prefer'],
    ],
  );
  ledger.accept({ ...rule, near: null });
  assert.deepEqual([...ledger.store.topicNears.keys()], [EVERY_TOPIC]);
  assert.deepEqual(
    ledger.store.changes.map(({ detail }) => detail),
    [
      'RocketMQ topic TopicA: near unset -> strict',
      'RocketMQ topic *: near unset -> prefer',
      'RocketMQ topic TopicA: near strict -> unset',
    ],
  );
});

test('rules are limited; one that is there can still change', () => {
  const ledger = new Ledger().accept(rule);
  for (let number = 1; number < LIMITS.topicNears; number += 1)
    ledger.store.topicNears.set(`t-${number}`, 'prefer');
  ledger.refuse({ ...rule, topic: 'more' }, 'limitReached');
  ledger.accept({ ...rule, near: 'prefer' });
});
