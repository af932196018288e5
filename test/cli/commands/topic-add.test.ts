/** `pollux topic add`: the declaration that is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { runAgainst } from '../run-against.ts';

test('pollux topic add sends the declaration as it was typed', async () => {
  const line = ['topic', 'add', 'orders', '--queues', 'orders-a=8', '--queues', 'orders-b=8/4'];
  const said = await runAgainst(
    () => json({ kind: 'committed', index: 1 }, 201),
    [...line, '--order', '--near', 'strict', '--owner', 'shop', '--attribute', 'message.type=FIFO'],
  );
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(
    said.stdout,
    "topic default/orders is declared; 'pollux route orders --idc IDC' shows its route\n",
  );
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
    name: 'orders',
    queues: [
      { group: 'orders-a', readQueues: 8, writeQueues: 8 },
      { group: 'orders-b', readQueues: 8, writeQueues: 4 },
    ],
    permission: 'readWrite',
    order: true,
    near: 'strict',
    owner: 'shop',
    labels: {},
    attributes: { 'message.type': 'FIFO' },
  });
});
