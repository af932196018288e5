/** `pollux plan allocation`, word for word. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AllocationPlanAnswer } from '../../../src/contract/allocation-plan.ts';
import { json } from '../../sdk/fake-node.ts';
import { lines, runAgainst } from '../run-against.ts';

const queues = (set: string, ...numbers: readonly number[]) => numbers.map((queue) => ({ set, queue }));

const plan: AllocationPlanAnswer = {
  topic: 'TopicA',
  strategy: 'AVG',
  near: 'client',
  sound: false,
  stale: false,
  queues: 8,
  consumers: [
    {
      clientId: 'c1',
      idc: 'idc-a',
      zoneMode: true,
      route: ['a'],
      fellBack: false,
      refusal: null,
      allocations: [{ asked: ['a'], members: 2, queues: queues('a', 0, 1) }],
    },
    {
      clientId: 'c2',
      idc: 'idc-b',
      zoneMode: false,
      route: ['b', 'a'],
      fellBack: false,
      refusal: null,
      allocations: [
        { asked: ['b'], members: 1, queues: [...queues('a', 0, 1, 2, 3), ...queues('b', 0, 1, 2, 3)] },
        { asked: ['a'], members: 2, queues: queues('b', 0, 1, 2, 3) },
      ],
    },
    {
      clientId: 'c3',
      idc: null,
      zoneMode: true,
      route: [],
      fellBack: false,
      refusal: 'nothing near',
      allocations: [],
    },
  ],
  orphans: queues('a', 2, 3).map((queue) => ({ ...queue, always: false })),
  doubleOwned: queues('a', 0, 1).map((queue) => ({ ...queue, always: false, owners: ['c1', 'c2'] })),
};

test('pollux plan allocation shows shares, orphans and double owners, and exits 1 where there are any', async () => {
  const said = await runAgainst(
    () => json(plan),
    ['plan', 'allocation', 'TopicA', '--consumers', '10.0.0.1@7#1@idc-a:zone,c2@idc-b,c3@'],
  );
  assert.equal(said.exit, 1);
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
    topic: 'TopicA',
    consumers: [
      { clientId: '10.0.0.1@7#1', idc: 'idc-a', zoneMode: true },
      { clientId: 'c2', idc: 'idc-b', zoneMode: false },
      { clientId: 'c3', idc: null, zoneMode: false },
    ],
    strategy: 'AVG',
    rooms: [],
  });
  assert.equal(
    said.stdout,
    lines(
      'topic:     TopicA, 8 queues to read',
      'strategy:  AVG',
      'near:      client',
      '',
      'CONSUMERS',
      'CONSUMER  IDC    ASKS ZONE  ROUTE  COLLEAGUES BY  COUNT  QUEUES',
      'c1        idc-a  yes        a      any: 2         2      a: 0-1',
      'c2        idc-b  no         b a    b: 1           8      a: 0-3; b: 0-3',
      'c2        idc-b  no         b a    a: 2           4      b: 0-3',
      'c3        -      yes        -      -              0      nothing near',
      '',
      'NOBODY READS',
      'a: 2-3 (by whichever brokers the consumers happen to ask)',
      '',
      'READ TWICE',
      'c1 and c2:',
      '  a: 0-1 (by whichever brokers the consumers happen to ask)',
    ),
  );
  assert.equal(said.stderr, lines('pollux: not every queue has exactly one reader'));
});

test('options become the request, a file may hold the consumers, and a sound plan exits 0', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-plan-'));
  try {
    const file = join(directory, 'consumers');
    writeFileSync(file, '# group billing\nc1@idc-a\n\nc2@idc-b:zone\n');
    const said = await runAgainst(
      () => json({ ...plan, sound: true, orphans: [], doubleOwned: [] }),
      [
        ...['plan', 'allocation', 'TopicA', '--consumers', file, '--strategy', 'MACHINE_ROOM_NEARBY'],
        ...['--near', 'prefer', '--zone-mode', '--room', 'a=b=idc-a', '--consumer-idc', 'idc-a'],
      ],
    );
    assert.equal(said.exit, 0, said.stderr);
    assert.match(said.stdout, /every queue has one reader, whichever broker answers\n$/);
    assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
      topic: 'TopicA',
      consumers: [
        { clientId: 'c1', idc: 'idc-a', zoneMode: true },
        { clientId: 'c2', idc: 'idc-b', zoneMode: true },
      ],
      strategy: 'MACHINE_ROOM_NEARBY-AVG',
      near: 'prefer',
      rooms: [{ set: 'a=b', idc: 'idc-a' }],
      consumerIdcs: ['idc-a'],
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('what cannot be read is a usage error', async () => {
  for (const [option, value] of [
    ['--consumers', 'no-such-file'],
    ['--consumers', 'c1@idc a'],
    ['--strategy', 'CONSISTENT_HASH'],
    ['--room', 'a'],
  ] as const) {
    const consumers = option === '--consumers' ? value : 'c1@idc-a';
    const rest = option === '--consumers' ? [] : [option, value];
    const said = await runAgainst(
      () => json(plan),
      ['plan', 'allocation', 'TopicA', '--consumers', consumers, ...rest],
    );
    assert.deepEqual([said.exit, said.requests.length], [2, 0], value);
  }
});
