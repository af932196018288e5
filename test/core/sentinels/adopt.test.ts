/** The takeover step by step: what is told to whom and when, and every way out of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientReply, ClientRequest, GroupPlan } from '../../../src/core/coordinator/requests.ts';
import { clusterName, groupName, replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { accepted, type RefusalCode, refused } from '../../../src/core/primitives/refusal.ts';
import { adopt } from '../../../src/core/sentinels/adopt.ts';
import type { AdoptionOrder } from '../../../src/core/sentinels/course.ts';
import { fakeNode } from '../../doors/http/fake-node.ts';
import { FakeSentinels, slaveSeen } from './fake-sentinels.ts';

const MASTER = '10.1.0.1:6379';

/** A node that finds every server fit, but for the Sentinels, and declares what it is asked to. */
class Ground {
  readonly sentinels = new FakeSentinels();
  readonly node = fakeNode();
  readonly steps: string[] = [];
  /** What preflight finds beside Sentinels. */
  problems: GroupPlan['problems'] = [];
  master: string | null = null;
  commits: (request: ClientRequest) => ClientReply = () => accepted({ kind: 'committed', index: 9 });
  /** Another Sentinel, unknown to all. */
  hasStranger = false;

  constructor() {
    this.node.answer = (request) => {
      if (request.type !== 'addGroup' && request.type !== 'takeGroup') throw new Error(request.type);
      const how = request.planOnly ? (request.proveWritable === true ? 'prove' : 'plan') : 'commit';
      this.steps.push(`${how} with ${this.sentinels.watching} watching`);
      return request.planOnly ? accepted({ kind: 'plan', plan: this.#plan() }) : this.commits(request);
    };
  }

  #plan(): GroupPlan {
    const watched = this.sentinels.watching > 0 || this.hasStranger;
    const found = { code: 'watchedBySentinel', message: 'A Sentinel watches the server.' };
    const replica = replicaId('orders-1');
    const problems = [...this.problems, ...(watched ? [{ replica, ...found }] : [])];
    const inspection = { watchedBySentinel: watched, problems: watched ? [found] : [] };
    return {
      fit: problems.length === 0,
      master: replica,
      servers: [
        {
          replica,
          site: siteName('idc-a'),
          address: this.master ?? MASTER,
          inspection: inspection as never,
          error: null,
        },
      ],
      problems,
      survives: [],
      waitCount: 1,
    };
  }

  adopt(change: Partial<AdoptionOrder> = {}, watchOnly = false) {
    const terms = {
      cluster: clusterName('default'),
      name: groupName('orders'),
      watchOnly,
      policy: 'any-one' as const,
      onShortage: 'degrade' as const,
      timeFenceSeconds: 3,
      detectionMs: 1_000,
      cooldownMs: 0,
      owner: '',
      labels: {},
    };
    const order = {
      sentinel: '10.0.0.1:26379',
      terms,
      said: new Map(),
      planOnly: false,
      by: 'eve',
      ...change,
    };
    return adopt(order, {
      sentinels: this.sentinels,
      face: this.node,
      timers: {
        after: (_, action) => {
          queueMicrotask(action);
          return () => undefined;
        },
      },
      idcOfAddress: (host) =>
        host.startsWith('10.1.') ? siteName('idc-a') : host.startsWith('10.2.') ? siteName('idc-b') : null,
    });
  }

  async refusal(code: RefusalCode, ...order: Parameters<Ground['adopt']>): Promise<string> {
    const reply = await this.adopt(...order);
    assert.ok(!reply.ok);
    assert.equal(reply.refusal.code, code, reply.refusal.message);
    return reply.refusal.message;
  }

  untouched(): void {
    assert.deepEqual(this.sentinels.told, []);
    assert.deepEqual(
      this.steps.filter((step) => step.startsWith('commit')),
      [],
    );
  }
}

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

function declare(ground: Ground, request: Extract<ClientRequest, { type: 'addGroup' }>): ClientReply {
  const { declaration, by } = request;
  return ground.node.apply({
    ...declaration,
    type: 'group.add',
    key: `default/${declaration.name}` as never,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    recordId: 'adoption',
    by,
    wallMs: 1,
  });
}

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

test('a failover that begins while the servers are looked at is noticed before anything is told', async () => {
  const ground = new Ground();
  ground.sentinels.beforeLook = () => {
    if (ground.sentinels.looks > 3) ground.sentinels.say({ flags: ['master', 's_down', 'o_down'] });
  };
  assert.match(await ground.refusal('preflightFailed'), /being failed over/);
  ground.untouched();
  const changed = new Ground();
  changed.sentinels.beforeLook = () => {
    if (changed.sentinels.looks === 4) changed.sentinels.add(4);
  };
  assert.match(await changed.refusal('busy'), /changed while the servers were looked at/);
  changed.untouched();
  const grown = new Ground();
  const more = ['10.1.0.2:6379', '10.2.0.3:6379', '10.2.0.4:6379'].map((address) => slaveSeen(address));
  grown.sentinels.beforeLook = () => {
    if (grown.sentinels.looks > 3) grown.sentinels.say({ slaves: more });
  };
  await grown.refusal('busy');
  grown.untouched();
});

test('half-way: what was done is said, and how it is put back, for those alone that were told', async () => {
  const ground = new Ground();
  ground.sentinels.beforeRemove = (address) => {
    if (address.startsWith('10.0.0.2')) ground.sentinels.of(2).isUp = false;
  };
  const message = await ground.refusal('adoptionStopped');
  assert.match(message, /Told to stop watching orders by then: 10\.0\.0\.1:26379, 10\.0\.0\.2:26379\./);
  assert.match(
    message,
    /on 10\.0\.0\.1:26379: SENTINEL MONITOR orders 10\.1\.0\.1 6379 2; SENTINEL SET orders /,
  );
  assert.doesNotMatch(message, /10\.0\.0\.3:26379/);
  assert.deepEqual(ground.sentinels.told.length, 2);
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

test('a Sentinel that nobody knew keeps the group from being declared, and is said', async () => {
  const ground = new Ground();
  ground.hasStranger = true;
  const message = await ground.refusal('adoptionStopped');
  assert.match(message, /A Sentinel that none of the others knows still watches 10\.1\.0\.1:6379/);
  assert.match(message, /SENTINEL MONITOR orders/);
  assert.deepEqual(
    ground.steps.filter((step) => step.startsWith('commit')),
    [],
  );
});

test('a leader that goes between the Sentinels and the declaration does not leave the servers to nobody', async () => {
  const passing = new Ground();
  let refusals = 3;
  passing.commits = () => {
    refusals -= 1;
    return refusals < 0 ? accepted({ kind: 'committed', index: 9 }) : refused('noLeader', 'None is known.');
  };
  assert.ok((await passing.adopt()).ok);

  const unknown = new Ground();
  unknown.commits = (request) => {
    if (request.type === 'addGroup') declare(unknown, request);
    return refused('timedOut', 'No answer came.');
  };
  const adopted = await unknown.adopt();
  assert.ok(adopted.ok && adopted.value.kind === 'committed');
  assert.equal(adopted.value.index, unknown.node.state().appliedIndex);

  const blind = new Ground();
  const { answer } = blind.node;
  let looks = 0;
  blind.node.answer = (request) => {
    looks += 1;
    return looks === 2 || looks === 3 ? refused('noLeader', 'None is known.') : answer(request);
  };
  assert.ok((await blind.adopt()).ok);
  assert.ok(blind.steps.includes('plan with 0 watching'), 'a look that was refused says nothing');
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

test('a declaration that fails at the end: refused, unknown, or made by somebody else', async () => {
  const ground = new Ground();
  const failing = (code: RefusalCode): void => {
    for (const number of [1, 2, 3]) ground.sentinels.add(number);
    ground.commits = () => refused(code, 'It was not to be.');
  };
  failing('brokerUnreachable');
  assert.match(await ground.refusal('adoptionStopped'), /It was not to be\..* To put it back/);
  failing('timedOut');
  assert.match(await ground.refusal('timedOut'), /only if not: To put it back/);
  failing('duplicateName');
  assert.doesNotMatch(await ground.refusal('adoptionStopped'), /put it back/);
});
