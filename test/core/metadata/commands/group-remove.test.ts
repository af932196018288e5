import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topicName } from '../../../../src/core/primitives/identifiers.ts';
import { addGroup, addTopic, declared, MAIN, ORDERS, reigning } from '../ledger.ts';

const remove = { type: 'group.remove', key: ORDERS } as const;

test('a group that carries topics stays', () => {
  const ledger = reigning().accept(addTopic());
  ledger.refuse(remove, 'groupNotEmpty', 'key');
  ledger.accept({ type: 'topic.remove', cluster: MAIN, name: topicName('created') }, remove);
  assert.equal(ledger.store.groups.size, 0);
  ledger.refuse(remove, 'unknownGroup', 'key');
});

test('removal in the middle of a move ends its record', () => {
  const ledger = declared().accept(remove);
  assert.equal(ledger.record('orders-adoption').outcome, 'superseded');
});

test('its own stop goes with it, others stay, and its servers are free again', () => {
  const stop = (scope: { kind: 'all' } | { kind: 'group'; group: typeof ORDERS }) =>
    ({
      type: 'automatic.stop',
      stop: { scope, by: 'operator', reason: 'work', sinceWallMs: 1, untilWallMs: null },
    }) as const;
  const ledger = reigning().accept(stop({ kind: 'all' }), stop({ kind: 'group', group: ORDERS }), remove);
  assert.deepEqual(
    ledger.store.stops.map(({ scope }) => scope.kind),
    ['all'],
  );
  assert.equal(ledger.record('orders-adoption').outcome, 'completed');
  ledger.accept(addGroup('stock', 7_101));
});
