/** `pollux allocation`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { lines, runAgainst } from '../run-against.ts';

test('pollux allocation prints runs of queues, a member a line', async () => {
  const queue = (group: string, number: number) => ({ group, queue: number, idc: 'idc-a' });
  const answer = {
    topic: 'orders',
    cluster: 'default',
    consumerGroup: null,
    revision: { incarnation: 'tier-1', index: 1 },
    stale: false,
    assignments: [
      {
        member: 'm1',
        idc: 'idc-a',
        queues: [0, 1, 2, 10].map((number) => queue('orders-a', number)).concat(queue('orders-b', 3)),
      },
      { member: 'm2', idc: null, queues: [] },
    ],
    unowned: [],
  };
  const said = await runAgainst(
    () => json(answer),
    ['allocation', 'orders', '--member', 'm1@idc-a', '--member', 'm2'],
  );
  assert.equal(said.exit, 0, said.stderr);
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? '').members, [
    { member: 'm1', idc: 'idc-a' },
    { member: 'm2', idc: null },
  ]);
  assert.equal(
    said.stdout,
    lines(
      'MEMBER  IDC    COUNT  QUEUES',
      'm1      idc-a  5      orders-a: 0-2 10; orders-b: 3',
      'm2      -      0      -',
    ),
  );
});
