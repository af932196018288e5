/** `pollux group show`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '../../sdk/fake-node.ts';
import { detail } from '../fixtures.ts';
import { lines, runAgainst } from '../run-against.ts';

test('pollux group show prints the page of an incident', async () => {
  const said = await runAgainst(() => json(detail), ['group', 'show', 'orders-a']);
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(said.requests[0]?.url.pathname, '/v1/groups/orders-a');
  assert.equal(
    said.stdout,
    lines(
      'group:                         default/orders-a (redis)',
      'phase:                         active',
      'epoch:                         3',
      'master:                        orders-a-1 (idc-a, 127.0.0.1:7101)',
      'policy:                        cross-idc, on shortage degrade',
      'time fence:                    3 s',
      'sync set:                      version 7: any 1 of orders-a-2',
      'degraded:                      no',
      'acknowledgements to wait for:  1 now, 2 with any master',
      'floor:                         offset 4000',
      'automatic action:              on',
      'detection:                     1.0 s',
      'cool-down:                     60.0 s after an automatic failover',
      'owner:                         -',
      'labels:                        tier=s1',
      'current:                       yes',
      '',
      'REPLICAS',
      'REPLICA     SITE   ADDRESS                                    ROLE     CAUGHT UP  PRIORITY  INCARNATION',
      'orders-a-1  idc-a  127.0.0.1:7101                             master   -          100       a1b2c3d4e5f6',
      'orders-a-2  idc-b  127.0.0.1:7102 (announced 192.0.2.1:7102)  outside  no         10        not taken in yet',
      '',
      'SEEN BY',
      'REPLICA     NODE    STANDING  ANSWER TIME  AGE     OFFSET  LAST SEEN',
      'orders-a-1  node-a  alive     0.4 ms       120 ms  4096    master, 1 attached',
      'orders-a-1  node-w  suspect   -            2.5 s   -       silent for 1.0 s',
      '',
      'WHO IS PROTECTED',
      'pollux SDK:  the policy, exactly',
      '',
      'NEEDS AN OPERATOR',
      '! default/orders-a held since 2030-01-02 03:04:05.000Z',
      '  orders-a-2 still receives from its master',
    ),
  );
});
