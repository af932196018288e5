/** `pollux route`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteAnswer } from '../../../src/contract/routes.ts';
import { json } from '../../sdk/fake-node.ts';
import { lines, runAgainst } from '../run-against.ts';

const route: RouteAnswer = {
  topic: 'orders',
  cluster: 'default',
  revision: { incarnation: 'tier-1', index: 42 },
  stale: false,
  near: 'prefer',
  permission: 'readWrite',
  order: false,
  groups: [
    {
      group: 'orders-b',
      epoch: 2,
      idc: 'idc-b',
      near: true,
      writable: true,
      readQueues: 8,
      writeQueues: 8,
      master: { replica: 'orders-b-1', idc: 'idc-b', address: '127.0.0.1:7201' },
      slaves: [{ replica: 'orders-b-2', idc: 'idc-a', address: '127.0.0.1:7202', readable: false }],
      write: { syncSetVersion: 5, user: 'w-5', waitCount: 1, degraded: true, policy: 'cross-idc' },
    },
    {
      group: 'orders-a',
      epoch: 3,
      idc: 'idc-a',
      near: false,
      writable: false,
      readQueues: 8,
      writeQueues: 8,
      master: null,
      slaves: [],
      write: null,
    },
  ],
};

test('pollux route prints the nearest group first', async () => {
  const said = await runAgainst(() => json(route), ['route', 'orders', '--idc', 'idc-b']);
  assert.equal(said.exit, 0, said.stderr);
  const url = said.requests[0]?.url;
  assert.equal(
    `${url?.pathname}${url?.search}`,
    '/v1/routes/orders?cluster=default&consistency=local&idc=idc-b',
  );
  assert.equal(
    said.stdout,
    lines(
      'topic:       default/orders',
      'revision:    tier-1:42',
      'current:     yes',
      'permission:  readWrite',
      'ordered:     no',
      'near:        prefer',
      '',
      'BROKER GROUPS, nearest first',
      'GROUP     IDC    NEAR  WRITABLE  READ  WRITE  EPOCH  MASTER                  SLAVES                                WRITE AS  WAIT',
      'orders-b  idc-b  yes   yes       8     8      2      127.0.0.1:7201 (idc-b)  127.0.0.1:7202 (idc-a, not readable)  w-5       1 (degraded)',
      'orders-a  idc-a  no    no        8     8      3      none                    -                                     -         -',
    ),
  );
});
