/** What is planned, and what forbids a takeover before any Sentinel is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { accepted } from '../../../src/core/primitives/refusal.ts';
import { declare, Ground, MASTER } from './adoption-ground.ts';
import { type FakeSentinels, slaveSeen } from './fake-sentinels.ts';

test('a plan looks, says who would be told what, and changes nothing', async () => {
  const ground = new Ground();
  const reply = await ground.adopt({ planOnly: true });
  assert.ok(reply.ok && reply.value.kind === 'plan');
  const { adoption, plan, fit } = reply.value;
  assert.deepEqual([fit, plan?.fit, plan?.problems], [true, true, []]);
  assert.deepEqual(plan?.servers[0]?.inspection?.problems, []);
  assert.deepEqual(
    adoption.servers.map(({ replica, address, site, placedBy }) => [replica, address, site, placedBy]),
    [
      ['orders-1', MASTER, 'idc-a', 'addressRange'],
      ['orders-2', '10.1.0.2:6379', 'idc-a', 'addressRange'],
      ['orders-3', '10.2.0.3:6379', 'idc-b', 'addressRange'],
    ],
  );
  assert.deepEqual(adoption.sentinels[2], {
    address: '10.0.0.3:26379',
    id: '3'.repeat(40),
    told: ['SENTINEL REMOVE orders'],
    putBack: [
      'SENTINEL MONITOR orders 10.1.0.1 6379 2',
      'SENTINEL SET orders down-after-milliseconds 3000 parallel-syncs 1',
    ],
  });
  assert.deepEqual(ground.steps, ['plan with 3 watching']);
  ground.untouched();
});

test('servers are proven fit first, then every Sentinel is told, then the group is declared', async () => {
  const ground = new Ground();
  const reply = await ground.adopt();
  assert.ok(reply.ok && reply.value.kind === 'committed');
  assert.equal(reply.value.index, 9);
  assert.deepEqual(ground.sentinels.told, [
    '10.0.0.1:26379 remove',
    '10.0.0.2:26379 remove',
    '10.0.0.3:26379 remove',
  ]);
  assert.deepEqual(ground.steps, ['prove with 3 watching', 'plan with 0 watching', 'commit with 0 watching']);
  const declared = ground.node.submitted.at(-1);
  assert.ok(declared?.type === 'addGroup');
  assert.deepEqual(
    declared.declaration.replicas.map(({ id, site, endpoints }) => `${id} ${site} ${endpoints.client}`),
    ['orders-1 idc-a 10.1.0.1:6379', 'orders-2 idc-a 10.1.0.2:6379', 'orders-3 idc-b 10.2.0.3:6379'],
  );
});

test('a server that Redis never promotes is the last choice, not the first', async () => {
  const ground = new Ground();
  ground.sentinels.say({ slaves: [slaveSeen('10.1.0.2:6379', { priority: 0 }), slaveSeen('10.2.0.3:6379')] });
  assert.ok((await ground.adopt()).ok);
  const declared = ground.node.submitted.at(-1);
  assert.ok(declared?.type === 'addGroup');
  assert.deepEqual(
    declared.declaration.replicas.map(({ priority }) => priority),
    [100, 1_000, 100],
  );
});

test('watched only: declared beside the Sentinels, which are told nothing', async () => {
  const ground = new Ground();
  ground.sentinels.of(3).isUp = false;
  const planned = await ground.adopt({ planOnly: true }, true);
  assert.ok(planned.ok && planned.value.kind === 'plan');
  assert.deepEqual([planned.value.fit, planned.value.plan, ground.steps], [true, null, []]);
  assert.deepEqual(
    planned.value.adoption.sentinels.flatMap(({ told }) => told),
    [],
  );
  assert.ok((await ground.adopt({}, true)).ok);
  assert.deepEqual([ground.sentinels.told, ground.steps], [[], ['commit with 3 watching']]);
});

test('a group that was watched is taken, with the servers as they were declared', async () => {
  const ground = new Ground();
  ground.commits = (request) =>
    request.type === 'addGroup' ? declare(ground, request) : accepted({ kind: 'committed', index: 12 });
  const said = new Map([['10.2.0.3:6379', siteName('idc-a')]]);
  assert.ok((await ground.adopt({ said }, true)).ok);
  const taken = await ground.adopt();
  assert.ok(taken.ok && taken.value.kind === 'committed', JSON.stringify(taken));
  assert.equal(ground.node.submitted.at(-1)?.type, 'takeGroup');
  assert.deepEqual(taken.value.adoption.servers[2]?.placedBy, 'declared');
  assert.equal(taken.value.adoption.servers[2]?.site, 'idc-a');

  const other = new Ground();
  other.commits = ground.commits;
  Object.assign(other.node, { store: ground.node.store });
  other.sentinels.say({ slaves: [slaveSeen('10.1.0.2:6379')] });
  assert.match(await other.refusal('preflightFailed'), /Release it, and adopt it anew/);
  other.untouched();
});

test('a server in no IDC is refused with the words that place it, for a plan too', async () => {
  const ground = new Ground();
  ground.sentinels.say({ slaves: [slaveSeen('10.3.0.1:6379'), slaveSeen('redis.local:6379')] });
  const message = await ground.refusal('notPlaced', { planOnly: true });
  assert.match(message, /--site 10\.3\.0\.1:6379=IDC --site redis\.local:6379=IDC/);
  ground.untouched();
  const said = new Map([
    ['10.3.0.1', siteName('idc-a')],
    ['redis.local:6379', siteName('idc-b')],
  ]);
  assert.ok((await ground.adopt({ said })).ok);
});

test('nothing is told while the Sentinels differ, fail over, or cannot all be heard', async () => {
  const cases: readonly ((sentinels: FakeSentinels) => void)[] = [
    (sentinels) => sentinels.say({ flags: ['master', 'o_down'] }),
    (sentinels) => sentinels.say({ slaves: [slaveSeen('10.1.0.2:6379', { flags: ['slave', 's_down'] })] }),
    (sentinels) => {
      sentinels.of(2).isUp = false;
    },
  ];
  for (const change of cases) {
    const ground = new Ground();
    change(ground.sentinels);
    await ground.refusal('preflightFailed');
    ground.untouched();
    const planned = await ground.adopt({ planOnly: true });
    assert.ok(planned.ok && planned.value.kind === 'plan' && !planned.value.fit);
  }
});

test('nothing is told when preflight finds anything else, or another master than the Sentinels name', async () => {
  const unfit = new Ground();
  unfit.problems = [{ replica: replicaId('orders-2'), code: 'unreachable', message: 'does not answer' }];
  assert.match(await unfit.refusal('brokerUnreachable'), /does not answer\. Nothing was changed/);
  unfit.untouched();
  const moved = new Ground();
  moved.master = '10.1.0.2:6379';
  assert.match(await moved.refusal('preflightFailed'), /the Sentinels say 10\.1\.0\.1:6379/);
  moved.untouched();
});

test('a Sentinel that only the servers know forbids the takeover, and is no matter to a group that is watched', async () => {
  const ground = new Ground();
  ground.sentinels.strangers = ['ffffffff'];
  assert.match(await ground.refusal('preflightFailed'), /that the others do not know, ffffffff\./);
  ground.untouched();
  assert.ok((await ground.adopt({}, true)).ok);

  const silent = new Ground();
  silent.sentinels.silent = '10.2.0.3:6379';
  const planned = await silent.adopt({ planOnly: true });
  assert.ok(planned.ok && planned.value.kind === 'plan' && planned.value.fit);
  assert.deepEqual(
    planned.value.adoption.findings.map(({ code }) => code),
    ['watchersUnknown'],
  );
});

test('a Sentinel that is known and does not answer is no stranger', async () => {
  const ground = new Ground();
  ground.sentinels.of(2).isUp = false;
  const message = await ground.refusal('preflightFailed');
  assert.doesNotMatch(message, /do not know/);
});

test('a group of that name forbids everything but to take over what was watched', async () => {
  const declaring = (): Ground => {
    const ground = new Ground();
    ground.commits = (request) =>
      request.type === 'addGroup' ? declare(ground, request) : accepted({ kind: 'committed', index: 1 });
    return ground;
  };
  const watched = declaring();
  assert.ok((await watched.adopt({}, true)).ok);
  assert.match(await watched.refusal('preflightFailed', {}, true), /default\/orders is watched already/);
  const managed = declaring();
  assert.ok((await managed.adopt()).ok);
  managed.sentinels.add(1);
  assert.match(await managed.refusal('preflightFailed'), /is a broker group already; .* SENTINEL REMOVE/);
});
