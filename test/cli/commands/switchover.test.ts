/** `pollux switchover --plan`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { lines, runAgainst } from '../run-against.ts';

test('pollux switchover --plan shows the steps and moves nothing', async () => {
  const plan = {
    kind: 'movePlan',
    from: 'orders-a-1',
    to: 'orders-a-2',
    lagBytes: '17',
    steps: ['pause writes', 'promote'],
  };
  const said = await runAgainst(() => json(plan), ['switchover', 'orders-a', '--plan']);
  assert.equal(said.exit, 0, said.stderr);
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), { plan: true });
  assert.equal(said.requests.length, 1);
  assert.equal(
    said.stdout,
    lines(
      'plan for:  default/orders-a (nothing was changed)',
      'move:      orders-a-1 -> orders-a-2',
      'lag:       17 bytes',
      '',
      '1. pause writes',
      '2. promote',
    ),
  );
});
